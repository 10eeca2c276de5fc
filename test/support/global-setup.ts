import pg from "pg";
import { TEST_DATABASE_PREFIX } from "./test-database.ts";

/** After the run: drops the databases that test processes have made on the server of DATABASE_URL. */
export async function teardown(): Promise<void> {
  const url = process.env["DATABASE_URL"];
  if (url === undefined) return;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>(
    "select datname from pg_database where starts_with(datname, $1)",
    [TEST_DATABASE_PREFIX],
  );
  for (const { datname } of rows) {
    await client.query(`drop database if exists ${datname} with (force)`);
  }
  await client.end();
}
