import { randomBytes } from "node:crypto";
import pg from "pg";
import { migrate } from "#store/migrate.ts";
import { openDatabase } from "#store/open-database.ts";
import { PLANTS, type PlantName } from "./plants.ts";

/** Databases of one run on a server: a migrated template, and a copy of it for each seed. */
export type ChaosDatabases = {
  /** Makes a copy and returns its connection string. */
  readonly copy: () => Promise<string>;
  readonly drop: (url: string) => Promise<void>;
  /** Drops the template and every copy that is left. */
  readonly close: () => Promise<void>;
};

/** Connects as somebody who may create databases; a planted fault goes into the template. */
export async function createChaosDatabases(
  serverUrl: string,
  plant: PlantName | null,
): Promise<ChaosDatabases> {
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  const run = `parley_chaos_${randomBytes(4).toString("hex")}`;
  await admin.query(`create database ${run}`);
  const dropByName = (name: string) =>
    admin.query(`drop database if exists ${name} with (force)`).then(() => {});
  let copies = 0;
  const close = async () => {
    for (let copy = 1; copy <= copies; copy += 1) await dropByName(`${run}_${copy}`);
    await dropByName(run);
    await admin.end();
  };
  try {
    await prepareTemplate(at(serverUrl, run), plant);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    copy: async () => {
      copies += 1;
      const name = `${run}_${copies}`;
      await admin.query(`create database ${name} template ${run}`);
      return at(serverUrl, name);
    },
    drop: (url) => dropByName(new URL(url).pathname.slice(1)),
    close,
  };
}

async function prepareTemplate(url: string, plant: PlantName | null): Promise<void> {
  const database = await openDatabase({ kind: "server", url, poolSize: 1 });
  try {
    await migrate(database);
  } finally {
    await database.close();
  }
  if (plant === null) return;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { routines, says, insteadSays } = PLANTS[plant];
    for (const routine of routines) {
      const { rows } = await client.query<{ text: string }>(
        "select pg_get_functiondef(oid) as text from pg_proc where proname = $1",
        [routine],
      );
      const text = rows[0]?.text ?? "";
      // A fault that is not planted would prove nothing.
      if (!text.includes(says)) throw new Error(`Plant ${plant}: ${routine} does not say: ${says}`);
      await client.query(text.replaceAll(says, insteadSays));
    }
  } finally {
    await client.end();
  }
}

function at(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
