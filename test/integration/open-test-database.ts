import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import pg from "pg";

const FOLDER = join(import.meta.dirname, "../../migrations");

/** Rows as they come; each test reads the columns it asked for. */
export type Rows = ReadonlyArray<Readonly<Record<string, unknown>>>;

/** A migrated database with one session, as its owner unless the session sets a role. */
export type TestDatabase = {
  readonly query: (text: string, values?: readonly unknown[]) => Promise<Rows>;
  readonly close: () => Promise<void>;
};

/** Opens a database with all migrations: on the server of DATABASE_URL if set, otherwise in memory. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const url = process.env["DATABASE_URL"];
  const database = await (url === undefined ? openEmbedded() : openOnServer(url));
  const files = await readdir(FOLDER);
  for (const file of files.filter((name) => /^\d{4}_.*\.sql$/.test(name)).toSorted()) {
    await database.run(await readFile(join(FOLDER, file), "utf8"));
  }
  return database;
}

type Runner = TestDatabase & { readonly run: (script: string) => Promise<unknown> };

async function openEmbedded(): Promise<Runner> {
  const lite = await PGlite.create({ extensions: { vector } });
  return {
    query: async (text, values = []) =>
      (await lite.query<Record<string, unknown>>(text, [...values])).rows,
    run: (script) => lite.exec(script),
    close: () => lite.close(),
  };
}

async function openOnServer(url: string): Promise<Runner> {
  const name = `parley_test_${randomUUID().replaceAll("-", "")}`;
  const server = new pg.Client({ connectionString: url });
  await server.connect();
  await server.query(`create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: own.href });
  await client.connect();
  return {
    query: async (text, values = []) => (await client.query(text, [...values])).rows,
    run: (script) => client.query(script),
    close: async () => {
      await client.end();
      await server.query(`drop database ${name}`);
      await server.end();
    },
  };
}
