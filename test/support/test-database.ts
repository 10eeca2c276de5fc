import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import pg from "pg";
import type { Database } from "#store/database.ts";
import { migrate } from "#store/migrate.ts";
import { openDatabase } from "#store/open-database.ts";

/**
 * The database of this test process: in memory, or one of its own on the server of DATABASE_URL.
 * Opening and migrating one takes seconds, so the tests of a process share it and each begins empty.
 */
let shared: Promise<Database> | undefined;

/** Names of databases that tests make on a server begin so. */
export const TEST_DATABASE_PREFIX = "parley_test_";

/** An empty, migrated database. Whoever asks must have closed what used it before. */
export async function emptyDatabase(): Promise<Database> {
  shared ??= open();
  const database = await shared;
  await database.asOwner((db) =>
    sql`truncate organizations, mailboxes, workers, webhook_events, system_alerts, key_ring_check, users cascade`.execute(
      db,
    ),
  );
  return database;
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
  const name = `${TEST_DATABASE_PREFIX}${randomUUID().replaceAll("-", "")}`;
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
