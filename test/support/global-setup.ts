import { randomUUID } from "node:crypto";
import pg from "pg";
import { TEST_RUN, testDatabasePrefix } from "./test-run.ts";

/** Before the run: gives it a name, so that several runs can use one server. */
export function setup(): void {
  process.env[TEST_RUN] = randomUUID().slice(0, 8);
}

/** After the run: drops the databases that its processes have made on the server of DATABASE_URL. */
export async function teardown(): Promise<void> {
  const url = process.env["DATABASE_URL"];
  const run = process.env[TEST_RUN];
  if (url === undefined || run === undefined) return;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>(
    "select datname from pg_database where starts_with(datname, $1)",
    [testDatabasePrefix(run)],
  );
  for (const { datname } of rows) {
    await client.query(`drop database if exists ${datname} with (force)`);
  }
  await client.end();
}
