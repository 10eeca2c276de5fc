import { sql } from "kysely";
import {
  type KeptIndexes,
  keepOwnIndexes,
  OWN_INDEX_LIMITS,
} from "#knowledge/search/keep-own-indexes.ts";
import { systemClock } from "#platform/clock.ts";
import type { Database } from "#store/database.ts";
import type { OwnerDatabase } from "./measure-search.ts";

/** What an index costs. */
export type IndexMeasurement = {
  readonly name: string;
  readonly seconds: number;
  readonly sizeMb: number;
};

/** The rival: the same vectors, and an index over all tenants as one makes it first. */
export async function buildPlainIndex(owner: OwnerDatabase): Promise<IndexMeasurement> {
  await sql`set statement_timeout = 0`.execute(owner);
  await sql`create table plain_chunks as select id, chatbot_id, embedding from document_chunks`.execute(
    owner,
  );
  await sql`create index on plain_chunks (chatbot_id)`.execute(owner);
  await sql`set maintenance_work_mem = '2GB'`.execute(owner);
  const start = performance.now();
  await sql`create index plain_chunks_hnsw on plain_chunks using hnsw (embedding halfvec_cosine_ops)`.execute(
    owner,
  );
  const seconds = (performance.now() - start) / 1_000;
  await sql`vacuum analyze plain_chunks`.execute(owner);
  return {
    name: "one HNSW(halfvec) over all",
    seconds,
    sizeMb: await readSizeMb(owner, "plain_chunks_hnsw"),
  };
}

/** Ours over all: built once more, since it has grown with the rows. */
export async function measureBitsIndex(owner: OwnerDatabase): Promise<IndexMeasurement> {
  const start = performance.now();
  await sql`reindex index document_chunks_bits`.execute(owner);
  const seconds = (performance.now() - start) / 1_000;
  await sql`vacuum analyze document_chunks`.execute(owner);
  return {
    name: "btree with signs over all",
    seconds,
    sizeMb: await readSizeMb(owner, "document_chunks_bits"),
  };
}

/** Those of the large chatbots, built as the worker builds them. */
export async function buildOwnIndexes(
  database: Database,
  owner: OwnerDatabase,
): Promise<readonly IndexMeasurement[]> {
  const logger = {
    info: (fields: Readonly<Record<string, unknown>>, event: string) =>
      void process.stderr.write(`${event} ${JSON.stringify(fields)}\n`),
  };
  const kept: KeptIndexes = await keepOwnIndexes(
    { database, clock: systemClock, logger },
    OWN_INDEX_LIMITS,
    new AbortController().signal,
  );
  if (kept.kind !== "kept") throw new Error(`No index was built: ${kept.kind}`);
  const measured: IndexMeasurement[] = [];
  for (const { chatbotId, passages, seconds } of kept.changes) {
    const sizeMb = await readSizeMb(owner, `document_chunks_near_${chatbotId.replaceAll("-", "")}`);
    measured.push({ name: `own HNSW of ${passages} passages`, seconds, sizeMb });
  }
  return measured;
}

async function readSizeMb(owner: OwnerDatabase, index: string): Promise<number> {
  const { rows } = await sql<{ size: string }>`
    select pg_relation_size(to_regclass(${index})) as size`.execute(owner);
  return Number(rows[0]?.size) / 1024 / 1024;
}
