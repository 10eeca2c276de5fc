import { sql } from "kysely";
import type { SourceId, SourceStep } from "#domain/knowledge.ts";
import type { TenantDatabase } from "./as-tenant.ts";

/** Notes what is being done to a document. */
export async function noteStep(
  tenant: TenantDatabase,
  id: SourceId,
  step: SourceStep,
): Promise<void> {
  await sql`update knowledge_sources set status = 'processing', step = ${step},
      chunks_done = case when ${step} = 'fetch' then 0 else chunks_done end,
      chunks_total = case when ${step} <> 'fetch' then chunks_total end
    where id = ${id}`.execute(tenant);
}

/** Notes that a document waits for something that may pass. @returns its tries since the last progress. */
export async function noteWaiting(
  tenant: TenantDatabase,
  id: SourceId,
  failure: { readonly code: string; readonly reason: string; readonly madeProgress: boolean },
): Promise<number> {
  const { rows } = await sql<{ attempts: number }>`
    update knowledge_sources set error_code = ${failure.code}, error_reason = ${failure.reason},
      attempts = case when ${failure.madeProgress} then 1 else attempts + 1 end
    where id = ${id} returning attempts`.execute(tenant);
  return rows[0]?.attempts ?? 1;
}

/** What is known of the original that a document's passages were made from. */
export type SourceContent = {
  readonly title: string | null;
  /** ISO 639-1; null: nobody can tell. */
  readonly language: string | null;
  readonly sourceType: string;
  readonly mediaType: string | null;
  readonly sizeBytes: number;
  readonly pages: number | null;
  readonly contentHash: string;
  /** Pages only: an upload's is known since it came in. */
  readonly filePath: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** What the admin should know nevertheless. */
  readonly warning: string | null;
};

/** A document, and the job that was asked for when the run began: a newer one decides by itself. */
export type RunningSource = { readonly id: SourceId; readonly jobId: string | null };

/** Notes that searches see a document's newest content. */
export async function noteSynced(
  tenant: TenantDatabase,
  { id, jobId }: RunningSource,
  content: SourceContent,
): Promise<void> {
  await sql`
    update knowledge_sources set status = ${finalStatus("synced", jobId)}, step = null, attempts = 0,
      error_code = null, error_reason = ${content.warning}, title = ${content.title}, language = ${content.language}, source_type = ${content.sourceType},
      media_type = ${content.mediaType}, size_bytes = ${content.sizeBytes}, page_count = ${content.pages},
      content_hash = ${content.contentHash}, file_path = coalesce(${content.filePath}, file_path),
      etag = ${content.etag}, last_modified = ${content.lastModified}, checked_at = now(), synced_at = now(),
      (chunks_done, chunks_total) = (
        select v.chunks_total, v.chunks_total from source_versions v where v.source_id = ${id} and v.state = 'live')
    where id = ${id}`.execute(tenant);
}

/** Notes that a document was looked at and is as it was. */
export async function noteUnchanged(
  tenant: TenantDatabase,
  { id, jobId }: RunningSource,
  known: {
    readonly contentHash?: string;
    readonly etag?: string | null;
    readonly lastModified?: string | null;
  },
): Promise<void> {
  await sql`
    update knowledge_sources s set status = ${finalStatus("synced", jobId)}, step = null, attempts = 0, error_code = null,
      error_reason = case when error_code is null then error_reason end, checked_at = now(), content_hash = coalesce(${known.contentHash ?? null}, content_hash),
      etag = coalesce(${known.etag ?? null}, etag), last_modified = coalesce(${known.lastModified ?? null}, last_modified),
      chunks_total = v.chunks_total, chunks_done = v.chunks_total
    from source_versions v
    where s.id = ${id} and v.source_id = s.id and v.state = 'live'`.execute(tenant);
}

/** Notes that a document could not be read; `synced` when what it held before is still found. */
export async function noteFailed(
  tenant: TenantDatabase,
  id: SourceId,
  failure: {
    readonly status: "failed" | "synced";
    readonly jobId: string | null;
    readonly attempts: number;
    readonly code: string;
    readonly reason: string;
  },
): Promise<void> {
  await sql`
    update knowledge_sources set status = ${finalStatus(failure.status, failure.jobId)}, step = null,
      attempts = greatest(attempts, ${failure.attempts}), error_code = ${failure.code},
      error_reason = ${failure.reason}, checked_at = now()
    where id = ${id}`.execute(tenant);
}

function finalStatus(status: "failed" | "synced", jobId: string | null) {
  return sql`case when job_id is not distinct from ${jobId}::uuid then ${status} else 'pending' end`;
}
