import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Kysely, sql } from "kysely";
import { type MigrationProvider, Migrator } from "kysely/migration";
import { AppError, toAppError } from "#domain/errors.ts";
import { type Database, isDatabaseAway } from "./database.ts";
import type { DB } from "./generated/database.ts";

const FOLDER = join(import.meta.dirname, "../../migrations");

/**
 * Applies the migrations that the database has not had, each in order, all in one transaction.
 * Several processes may call it at once: one applies, the others wait and find nothing to do.
 * @returns the names of those applied now.
 */
export function migrate(database: Database): Promise<readonly string[]> {
  return database.asOwner(async (db) => {
    const { error, results } = await new Migrator({
      db,
      provider: sqlFiles(FOLDER),
    }).migrateToLatest();
    if (error !== undefined) throw explain(error);
    return (results ?? []).map((result) => result.migrationName);
  });
}

/** Failures that the operator can mend, in a sentence that says how. */
function explain(error: unknown): AppError {
  if (isDatabaseAway(error))
    return new AppError("DATABASE_UNAVAILABLE", "The database of DATABASE_URL does not answer", {
      cause: error,
    });
  if (error instanceof Error && /extension "vector"/.test(error.message))
    return new AppError(
      "SETTINGS_INVALID",
      "DATABASE_URL: this database needs the extension pgvector, which its login may not create. Install pgvector 0.8 on the server, then let a superuser run in the database: create extension vector",
      { cause: error },
    );
  return toAppError(error);
}

/**
 * Makes sure that the schema is the one this program was written for.
 * @throws AppError SCHEMA_OUTDATED with the command that mends it.
 */
export async function assertMigrated(database: Database): Promise<void> {
  const applied = await database.asOwner(appliedMigrations);
  const missing = (await migrationNames(FOLDER)).filter((name) => !applied.has(name));
  if (missing.length > 0)
    throw new AppError(
      "SCHEMA_OUTDATED",
      `The database lacks ${missing.length} migration(s), from ${missing[0]} on. Run: ./parley migrate`,
    );
}

async function appliedMigrations(db: Kysely<DB>): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ exists: boolean }>`
    select to_regclass('kysely_migration') is not null as exists`.execute(db);
  if (rows[0]?.exists !== true) return new Set();
  const names = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  return new Set(names.rows.map((row) => row.name));
}

async function migrationNames(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder);
  return files
    .filter((file) => /^\d{4}_.*\.sql$/.test(file))
    .map((file) => file.slice(0, -".sql".length))
    .toSorted();
}

function sqlFiles(folder: string): MigrationProvider {
  return {
    getMigrations: async () => {
      const names = await migrationNames(folder);
      const texts = await Promise.all(
        names.map((name) => readFile(join(folder, `${name}.sql`), "utf8")),
      );
      return Object.fromEntries(
        names.map((name, index) => [
          name,
          {
            up: async (db: Kysely<unknown>) => {
              await sql.raw(texts[index] ?? "").execute(db);
            },
          },
        ]),
      );
    },
  };
}
