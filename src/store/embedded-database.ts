import { mkdir } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { createPgConfig } from "@electric-sql/pglite/node-postgres";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { AppError } from "#domain/errors.ts";
import { APP_ROLE, type Database, PLANNER_SETTINGS } from "./database.ts";
import type { DB } from "./generated/database.ts";

/** WebAssembly's clock stands still within a millisecond: `uuid_v7` counts what it makes meanwhile. */
const CLOCK_SETTINGS = { "app.clock": "milliseconds" } as const;

/** In place of a folder: the database goes with the process. For tests. */
export const IN_MEMORY = Symbol("in memory");

/**
 * Opens PGlite: PostgreSQL in WebAssembly, in this process, with one connection. The caller holds
 * the lock of the data folder (platform/data-folder.ts): PGlite itself does not notice a second
 * process in the same folder, which would destroy it.
 */
export async function openEmbeddedDatabase(folder: string | typeof IN_MEMORY): Promise<Database> {
  const lite = await openPGlite(folder);
  const pool = createEmbeddedPool(lite);
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
  const takeAppRole = async () => {
    const exists = await sql`select 1 from pg_roles where rolname = ${APP_ROLE}`.execute(db);
    if (exists.rows.length > 0) await sql.raw(`set role ${APP_ROLE}`).execute(db);
  };
  await takeAppRole();
  for (const [name, value] of Object.entries({ ...PLANNER_SETTINGS, ...CLOCK_SETTINGS }))
    await sql`select set_config(${name}, ${value}, false)`.execute(db);
  return {
    kind: "embedded",
    db,
    asOwner: async (work) => {
      await sql`reset role`.execute(db);
      try {
        return await work(db);
      } finally {
        await takeAppRole();
      }
    },
    openSession: null,
    close: async () => {
      await pool.end();
      await lite.close();
    },
  };
}

async function openPGlite(folder: string | typeof IN_MEMORY): Promise<PGlite> {
  try {
    if (folder === IN_MEMORY) return await PGlite.create({ extensions: { vector } });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await PGlite.create({ dataDir: folder, extensions: { vector } });
  } catch (cause) {
    throw new AppError(
      "DATA_FOLDER_UNUSABLE",
      `The embedded database in ${String(folder)} cannot be opened. Is the disk full, or does the folder belong to somebody else?`,
      { cause },
    );
  }
}

/**
 * The pool over PGlite's only connection. Works around a fault of its adapter: after a failing
 * `pool.query` with parameters, pg drops the client, and the next query finds the connection gone.
 * Taking and giving back the client by hand keeps it.
 */
function createEmbeddedPool(lite: PGlite): pg.Pool {
  const { connection, ...rest } = createPgConfig(lite);
  // The adapter's connection speaks pg's protocol class structurally, not by type.
  const config: pg.PoolConfig = { ...rest, max: 1, idleTimeoutMillis: 0 };
  Object.assign(config, { connection });
  const pool = new pg.Pool(config);
  pool.on("error", () => {});
  return pool;
}
