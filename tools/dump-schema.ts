import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { migrate } from "#store/migrate.ts";
import { openDatabase, type DatabaseLocation } from "#store/open-database.ts";
import { describeSchema } from "./describe-schema.ts";
import { generateDatabaseTypes } from "./generate-database-types.ts";

const root = join(import.meta.dirname, "..");
const SCHEMA_FILE = join(root, "migrations/schema.sql");
const TYPES_FILE = join(root, "src/store/generated/database.ts");

/**
 * Applies all migrations to an empty database and describes the result.
 * @returns the text of each generated file.
 */
export async function describeMigrations(
  location: DatabaseLocation,
): Promise<ReadonlyArray<readonly [file: string, text: string]>> {
  const database = await openDatabase(location);
  try {
    await migrate(database);
    return await database.asOwner(async (db) => [
      [SCHEMA_FILE, await describeSchema(db)],
      [TYPES_FILE, await generateDatabaseTypes(db)],
    ]);
  } finally {
    await database.close();
  }
}

/** Runs `work` on a new database of the server, which is dropped afterwards. */
async function withServerDatabase<Result>(
  url: string,
  work: (location: DatabaseLocation) => Promise<Result>,
): Promise<Result> {
  const name = `parley_schema_${process.pid}`;
  const server = new pg.Client({ connectionString: url });
  await server.connect();
  try {
    await server.query(`create database ${name}`);
    try {
      const own = new URL(url);
      own.pathname = `/${name}`;
      return await work({ kind: "server", url: own.href, poolSize: 2 });
    } finally {
      await server.query(`drop database ${name} with (force)`);
    }
  } finally {
    await server.end();
  }
}

/** What differs first, for a message that a person can act on. */
function firstDifference(expected: string, actual: string): string {
  const lines = actual.split("\n");
  const index = expected.split("\n").findIndex((line, at) => line !== lines[at]);
  return `line ${index + 1}: ${lines[index]?.trim() ?? "(missing)"}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
  const url = process.env["DATABASE_URL"];
  const files =
    url === undefined || url === ""
      ? await describeMigrations({ kind: "memory" })
      : await withServerDatabase(url, describeMigrations);
  for (const [file, text] of files) {
    const name = relative(root, file);
    const present = await readFile(file, "utf8").catch(() => "");
    if (present === text) continue;
    if (values.check) {
      console.error(
        `${name} does not fit the migrations (${firstDifference(text, present)}). Run: npm run schema:write`,
      );
      process.exitCode = 1;
    } else {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      console.log(`wrote ${name}`);
    }
  }
}

if (import.meta.main) await main();
