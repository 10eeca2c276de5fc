import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import pg from "pg";
import type { Database } from "#store/database.ts";
import { migrate } from "#store/migrate.ts";
import { openDatabase } from "#store/open-database.ts";
import { TEST_RUN, testDatabasePrefix } from "./test-run.ts";
import { until } from "./until.ts";

/**
 * The database of this test process: in memory, or one of its own on the server of DATABASE_URL.
 * Opening and migrating one takes seconds, so the tests of a process share it and each begins empty.
 */
let shared: Promise<Database> | undefined;

/** An empty, migrated database. Whoever asks must have closed what used it before. */
export async function emptyDatabase(): Promise<Database> {
  shared ??= open();
  const database = await shared;
  if (database.kind === "server") await untilOthersRest(database);
  await database.asOwner((db) =>
    sql`truncate organizations, mailboxes, workers, webhook_events, system_alerts, key_ring_check, users cascade`.execute(
      db,
    ),
  );
  return database;
}

const REST_MAX_MS = 10_000;

/** A statement of a process that a test has killed goes on to its end, and would wait for us while we wait for it. */
function untilOthersRest(database: Database): Promise<void> {
  return until(async () => (await countStatementsAtWork(database)) === 0, REST_MAX_MS);
}

function countStatementsAtWork(database: Database): Promise<number> {
  return database.asOwner(async (db) => {
    const { rows } = await sql<{ count: number }>`select count(*)::integer as count
      from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`.execute(
      db,
    );
    return rows[0]?.count ?? 0;
  });
}

async function open(): Promise<Database> {
  const url = process.env["DATABASE_URL"];
  const database = await openDatabase(
    url === undefined
      ? { kind: "memory" }
      : { kind: "server", url: await createDatabase(url), poolSize: 10 },
  );
  await migrate(database);
  return database;
}

/** Makes a database for this process; the global setup drops it after the run. */
async function createDatabase(serverUrl: string): Promise<string> {
  const run = process.env[TEST_RUN] ?? "alone";
  const name = `${testDatabasePrefix(run)}${randomUUID().replaceAll("-", "").slice(0, 16)}`;
  await onServer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(statement);
  await client.end();
}
