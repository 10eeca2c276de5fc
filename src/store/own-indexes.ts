import { type Kysely, sql } from "kysely";
import { z } from "zod";
import { ChatbotId } from "#domain/ids.ts";
import type { SystemDatabase } from "./as-tenant.ts";
import type { DB } from "./generated/database.ts";

/** The login's own connection: one and the same for all statements, and in no transaction. */
export type OwnerConnection = Kysely<DB>;

/** How many passages a chatbot has, and in what state its own HNSW index is. */
const OwnIndex = z.object({
  chatbotId: ChatbotId,
  /** 0 when the chatbot is gone. */
  passages: z.number(),
  /** `broken`: a build that did not end; it costs time and helps nobody. */
  state: z.enum(["none", "broken", "whole"]),
  sizeBytes: z.number(),
});
/** See the schema of this name. */
export type OwnIndex = z.infer<typeof OwnIndex>;

/** All chatbots of at least so many passages, and all that have an index of their own; largest first. */
export async function listOwnIndexes(
  system: SystemDatabase,
  passagesMin: number,
): Promise<readonly OwnIndex[]> {
  const { rows } = await sql<{ described: unknown }>`
    with sizes as (
      select b.id as chatbot_id, t.document_frequency as passages
      from chatbots b join chatbot_terms t on t.chatbot_id = b.id and t.term = 0
    ), indexes as (
      select right(c.relname, 32)::uuid as chatbot_id, i.indisvalid as is_whole, pg_relation_size(c.oid) as size
      from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid = to_regclass('document_chunks') and c.relname ~ '^document_chunks_near_[0-9a-f]{32}$'
    )
    select jsonb_build_object('chatbotId', chatbot_id, 'passages', coalesce(s.passages, 0),
      'state', case when i.is_whole then 'whole' when not i.is_whole then 'broken' else 'none' end,
      'sizeBytes', coalesce(i.size, 0)) as described
    from sizes s full join indexes i using (chatbot_id)
    where s.passages >= ${passagesMin} or i.chatbot_id is not null
    order by coalesce(s.passages, 0) desc`.execute(system);
  return rows.map(({ described }) => OwnIndex.parse(described));
}

/** Whether this login may build indexes of the passages: it owns the table, or acts as who does. */
export async function mayBuildIndexes(owner: OwnerConnection): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`
    select pg_has_role(relowner, 'usage') as may from pg_class
    where oid = to_regclass('document_chunks')`.execute(owner);
  return rows[0]?.may === true;
}

/** Beside the workers' locks, which have 4242. */
const LOCK = sql.raw("4243, 1");

/** Kept by this connection until it ends, so that nobody else builds or drops. False: somebody does. */
export async function lockOwnIndexes(connection: OwnerConnection): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    select pg_try_advisory_lock(${LOCK}) as locked`.execute(connection);
  return rows[0]?.locked === true;
}

/**
 * Settings of a connection that builds; returns the number of the server's process behind it. One core and memory of its own: the others are for customers,
 * and shared memory is scarce in containers. The memory is taken only as it is
 * needed, about a kilobyte for each passage; a build that needs more than the limit is slower. The server ends a build whose program has died within ten seconds.
 */
export async function prepareToBuild(connection: OwnerConnection): Promise<number> {
  await sql`set statement_timeout = 0`.execute(connection);
  await sql`set max_parallel_maintenance_workers = 0`.execute(connection);
  await sql`set maintenance_work_mem = '512MB'`.execute(connection);
  await sql`set client_connection_check_interval = '10s'`.execute(connection);
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(connection);
  return rows[0]?.pid ?? 0;
}

/** Builds a chatbot's own index while everybody reads and writes. Killed, it leaves a broken one. */
export async function buildOwnIndex(
  connection: OwnerConnection,
  chatbotId: ChatbotId,
): Promise<void> {
  const id = ChatbotId.parse(chatbotId);
  await sql`create index concurrently ${sql.id(nameOf(id))} on document_chunks
    using hnsw (embedding_bits bit_hamming_ops) where chatbot_id = ${sql.lit(id)}`.execute(
    connection,
  );
}

/** Drops a chatbot's own index, whole or broken, without keeping searches waiting. */
export async function dropOwnIndex(
  connection: OwnerConnection,
  chatbotId: ChatbotId,
): Promise<void> {
  await sql`drop index concurrently if exists ${sql.id(nameOf(chatbotId))}`.execute(connection);
}

/** As own_index_name in the database. */
const nameOf = (chatbotId: ChatbotId): string =>
  `document_chunks_near_${ChatbotId.parse(chatbotId).replaceAll("-", "").toLowerCase()}`;

/** How far a build is, from 0 to 1; null when it has not begun to read, or has ended. */
export async function readBuildProgress(
  owner: OwnerConnection,
  pid: number,
): Promise<number | null> {
  const { rows } = await sql<{ share: number | null }>`
    select (blocks_done::float8 / nullif(blocks_total, 0)) as share from pg_stat_progress_create_index
    where pid = ${pid} and phase like 'building index%'`.execute(owner);
  return rows[0]?.share ?? null;
}

/** Asks the server to give up what this connection of ours runs. */
export async function cancelBuild(owner: OwnerConnection, pid: number): Promise<void> {
  await sql`select pg_cancel_backend(${pid}::integer)`.execute(owner);
}
