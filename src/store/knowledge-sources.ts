import { sql } from "kysely";
import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import { KnowledgeSource, type SourceId, type SourceStatus } from "#domain/knowledge.ts";
import type { SystemDatabase, TenantDatabase } from "./as-tenant.ts";

/** A document as it is added. */
export type NewSource = {
  readonly id: SourceId;
  readonly chatbotId: ChatbotId;
  readonly sourceType: string;
  readonly name: string;
  readonly url: string | null;
  readonly filePath: string | null;
  readonly sizeBytes: number | null;
  readonly jobId: string;
  /** Null: only on demand. */
  readonly syncIntervalMinutes: number | null;
};

/** Adds a document. A chatbot of another organization is refused by the database. */
export async function insertSource(
  tenant: TenantDatabase,
  organizationId: OrganizationId,
  source: NewSource,
): Promise<void> {
  await sql`
    insert into knowledge_sources (id, organization_id, chatbot_id, source_type, name, url, file_path,
      size_bytes, job_id, sync_interval_minutes, next_sync_at)
    values (${source.id}, ${organizationId}, ${source.chatbotId}, ${source.sourceType}, ${source.name},
      ${source.url}, ${source.filePath}, ${source.sizeBytes}, ${source.jobId}, ${source.syncIntervalMinutes},
      now() + ${source.syncIntervalMinutes}::integer * interval '1 minute')`.execute(tenant);
}

/**
 * Gives a document new content, which replaces what searches see when it is whole.
 * @returns the key of the original before.
 */
export async function replaceSource(
  tenant: TenantDatabase,
  source: NewSource,
): Promise<string | null> {
  const { rows } = await sql<{ file_path: string | null }>`
    with before as (select id, file_path from knowledge_sources where id = ${source.id} for update)
    update knowledge_sources s set source_type = ${source.sourceType}, url = ${source.url},
      file_path = coalesce(${source.filePath}, s.file_path), size_bytes = coalesce(${source.sizeBytes}, s.size_bytes),
      job_id = ${source.jobId}, status = 'pending', step = null, chunks_done = 0, chunks_total = null,
      attempts = 0, error_code = null, error_reason = null,
      sync_interval_minutes = coalesce(${source.syncIntervalMinutes}, s.sync_interval_minutes),
      next_sync_at = coalesce(now() + ${source.syncIntervalMinutes}::integer * interval '1 minute', s.next_sync_at)
    from before where s.id = before.id returning before.file_path`.execute(tenant);
  const [row] = rows;
  return source.filePath === null || row?.file_path === source.filePath
    ? null
    : (row?.file_path ?? null);
}

/** The chatbot's document of this name; null when there is none. */
export async function findSourceByName(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
  name: string,
): Promise<SourceId | null> {
  const { rows } = await sql<{ id: SourceId }>`
    select id from knowledge_sources
    where chatbot_id = ${chatbotId} and name = ${name} and removed_at is null
    order by created_at desc limit 1`.execute(tenant);
  return rows[0]?.id ?? null;
}

/** Whether the organization has this chatbot. */
export async function hasChatbot(tenant: TenantDatabase, chatbotId: ChatbotId): Promise<boolean> {
  const { rows } = await sql`select 1 from chatbots where id = ${chatbotId}`.execute(tenant);
  return rows.length > 0;
}

const SOURCE = sql`jsonb_build_object('id', s.id, 'organizationId', s.organization_id, 'chatbotId', s.chatbot_id,
  'sourceType', s.source_type, 'name', s.name, 'title', s.title, 'language', s.language, 'url', s.url, 'filePath', s.file_path,
  'mediaType', s.media_type, 'sizeBytes', s.size_bytes, 'pages', s.page_count, 'status', s.status,
  'step', s.step, 'chunksDone', s.chunks_done, 'chunksTotal', s.chunks_total, 'attempts', s.attempts,
  'errorCode', s.error_code, 'reason', s.error_reason, 'contentHash', s.content_hash, 'etag', s.etag,
  'lastModified', s.last_modified, 'jobId', s.job_id, 'syncIntervalMinutes', s.sync_interval_minutes,
  'nextSyncAt', s.next_sync_at, 'checkedAt', s.checked_at, 'syncedAt', s.synced_at,
  'removedAt', s.removed_at, 'createdAt', s.created_at,
  'chunks', coalesce((select v.chunks_total from source_versions v where v.source_id = s.id and v.state = 'live'), 0))`;

/** A document, removed ones too; null when there is none. */
export async function findSource(
  tenant: TenantDatabase,
  id: SourceId,
): Promise<KnowledgeSource | null> {
  const { rows } = await sql<{ source: unknown }>`
    select ${SOURCE} as source from knowledge_sources s where s.id = ${id}`.execute(tenant);
  return rows[0] === undefined ? null : KnowledgeSource.parse(rows[0].source);
}

/** Documents for operators, the newest first: of a chatbot, or these, or those of this id or name. */
export async function listSources(
  system: SystemDatabase,
  filter: {
    readonly chatbotId?: ChatbotId | undefined;
    readonly ids?: readonly string[] | undefined;
    readonly reference?: string | undefined;
    readonly status?: SourceStatus | undefined;
  },
): Promise<readonly KnowledgeSource[]> {
  const { chatbotId = null, ids = null, reference = null, status = null } = filter;
  const { rows } = await sql<{ source: unknown }>`
    select ${SOURCE} as source from knowledge_sources s
    where s.removed_at is null
      and (${chatbotId}::uuid is null or s.chatbot_id = ${chatbotId}::uuid)
      and (${ids === null ? null : JSON.stringify(ids)}::jsonb is null
        or ${ids === null ? null : JSON.stringify(ids)}::jsonb ? s.id::text)
      and (${reference}::text is null or ${reference} in (s.id::text, s.name, s.job_id::text))
      and (${status}::text is null or s.status = ${status})
    order by s.created_at desc, s.id desc`.execute(system);
  return rows.map(({ source }) => KnowledgeSource.parse(source));
}

/** The chatbot's documents, in the order in which a batch posts to their mailboxes. */
export async function listSourceIds(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
): Promise<readonly SourceId[]> {
  const { rows } = await sql<{ id: SourceId }>`
    select id from knowledge_sources where chatbot_id = ${chatbotId} and removed_at is null order by id`.execute(
    tenant,
  );
  return rows.map(({ id }) => id);
}

/** Begins a new run of a document: on demand, or after a failure. */
export async function noteRequested(
  tenant: TenantDatabase,
  id: SourceId,
  request: { readonly jobId: string; readonly syncIntervalMinutes?: number | null | undefined },
): Promise<void> {
  await sql`
    update knowledge_sources set status = 'pending', step = null, attempts = 0, error_code = null,
      error_reason = null, job_id = ${request.jobId}
    where id = ${id}`.execute(tenant);
  if (request.syncIntervalMinutes === undefined) return;
  await sql`
    update knowledge_sources set sync_interval_minutes = ${request.syncIntervalMinutes},
      next_sync_at = now() + ${request.syncIntervalMinutes}::integer * interval '1 minute'
    where id = ${id}`.execute(tenant);
}

/** Takes a document out of search and lists at once; its rows and file are removed by a sweep. */
export async function markRemoved(tenant: TenantDatabase, id: SourceId): Promise<void> {
  await sql`update source_versions set state = 'retired' where source_id = ${id}`.execute(tenant);
  await sql`update knowledge_sources set removed_at = now(), next_sync_at = null where id = ${id}`.execute(
    tenant,
  );
}

/** A chatbot's documents that were removed and have no passages left: ids and keys of originals. */
export async function listRemovedSources(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
): Promise<ReadonlyArray<{ readonly id: SourceId; readonly filePath: string | null }>> {
  const { rows } = await sql<{ id: SourceId; filePath: string | null }>`
    select s.id, s.file_path as "filePath" from knowledge_sources s
    where s.chatbot_id = ${chatbotId} and s.removed_at is not null
      and not exists (select 1 from source_versions v where v.source_id = s.id)`.execute(tenant);
  return rows;
}

/** Removes the row of a document that was removed; what was billed stays. */
export async function deleteSource(tenant: TenantDatabase, id: SourceId): Promise<void> {
  await sql`delete from knowledge_sources where id = ${id} and removed_at is not null`.execute(
    tenant,
  );
}
