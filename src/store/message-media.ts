import { sql } from "kysely";
import { z } from "zod";
import type { ChatbotId, OrganizationId, TurnId } from "#domain/ids.ts";
import type { MessageMedia } from "#domain/media.ts";
import { asSystem, type TenantDatabase } from "./as-tenant.ts";
import type { AppDatabase } from "./database.ts";

/** A file as it is written down; what is left out is not known. */
export type MediaRow = MessageMedia & {
  /** Hex. */
  readonly sha256?: string | undefined;
  readonly durationMs?: number | undefined;
  /** What read it, and its tokens. */
  readonly model?: string | undefined;
  readonly tokens?: number | undefined;
};

/** The message that a file belongs to. */
export type MediaOwner = { readonly organizationId: OrganizationId; readonly messageId: string };

/**
 * Writes down what became of a message's file; words that are known already stay. Says nothing of a
 * message that its writer has deleted meanwhile. @returns whether it was written.
 */
export async function recordMedia(
  tenant: TenantDatabase,
  { organizationId, messageId }: MediaOwner,
  media: MediaRow,
): Promise<boolean> {
  const { rows } = await sql<{ message_id: string }>`
    insert into message_media as known (message_id, organization_id, kind, status, reason, mime_type,
      size_bytes, sha256, storage_key, text, is_cut, duration_ms, model, tokens)
    select m.id, ${organizationId}::uuid, ${media.kind}, ${media.status}, ${media.reason}, ${media.mimeType},
      ${media.sizeBytes}::integer, ${media.sha256 ?? null}, ${media.storageKey}, ${media.text},
      ${media.isCut}::boolean, ${media.durationMs ?? null}::integer, ${media.model ?? null},
      ${media.tokens ?? null}::integer
    from messages m where m.id = ${messageId}::uuid and m.revoked_at is null
    on conflict (message_id) do update set
      kind = excluded.kind, status = excluded.status, reason = excluded.reason,
      mime_type = coalesce(excluded.mime_type, known.mime_type),
      size_bytes = coalesce(excluded.size_bytes, known.size_bytes),
      sha256 = coalesce(excluded.sha256, known.sha256), storage_key = excluded.storage_key,
      text = excluded.text, is_cut = excluded.is_cut,
      duration_ms = coalesce(excluded.duration_ms, known.duration_ms),
      model = coalesce(excluded.model, known.model), tokens = coalesce(excluded.tokens, known.tokens)
    where known.status not in ('read', 'expired')
    returning message_id`.execute(tenant);
  return rows.length > 0;
}

/** What one transcription was. */
export type TranscriptionUsage = MediaOwner & {
  readonly turnId: TurnId;
  readonly model: string;
  readonly tokensPrompt: number;
  readonly tokensCompletion: number;
  readonly audioMs: number | null;
  /** Millionths of a US dollar; null when the price is unknown. */
  readonly costMicros: number | null;
};

/** Logs a transcription, and counts its tokens to the billing period. */
export async function recordTranscriptionUsage(
  tenant: TenantDatabase,
  usage: TranscriptionUsage,
): Promise<void> {
  const tokens = usage.tokensPrompt + usage.tokensCompletion;
  await sql`
    with logged as (
      insert into usage_logs (organization_id, conversation_id, message_id, turn_id, kind, model,
        tokens_prompt, tokens_completion, tokens_total, audio_ms, cost_micros)
      select ${usage.organizationId}::uuid, m.conversation_id, m.id, ${usage.turnId}::uuid, 'transcription',
        ${usage.model}, ${usage.tokensPrompt}::integer, ${usage.tokensCompletion}::integer,
        ${tokens}::integer, ${usage.audioMs}::integer, ${usage.costMicros}::bigint
      from messages m where m.id = ${usage.messageId}::uuid
    )
    update usage_summary set current_period_tokens = current_period_tokens + ${tokens}::bigint
    where organization_id = ${usage.organizationId}::uuid and ${tokens}::bigint > 0`.execute(
    tenant,
  );
  const unpriced = usage.costMicros === null ? 1 : 0;
  await sql`
    select add_chatbot_spend(organization_id, chatbot_id, ${usage.costMicros}::bigint, ${unpriced}::integer)
    from messages where id = ${usage.messageId}::uuid`.execute(tenant);
}

/**
 * Makes the transcript the text of its message, so that history, search and people find it there. A
 * recording that came as a document keeps its caption.
 */
export async function setTranscript(
  tenant: TenantDatabase,
  messageId: string,
  transcript: string,
): Promise<void> {
  await tenant
    .updateTable("messages")
    .set({ content: transcript })
    .where("id", "=", messageId)
    .where("type", "=", "audio")
    .where("revoked_at", "is", null)
    .execute();
}

const Sender = z.object({ phoneNumberId: z.string(), sealedAccessToken: z.string() });

/** Whom Meta gives the files of a chatbot's number to; null when the chatbot is gone. */
export async function findMediaSender(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
): Promise<z.infer<typeof Sender> | null> {
  const row = await tenant
    .selectFrom("chatbots")
    .select([
      "whatsapp_phone_number_id as phoneNumberId",
      "whatsapp_access_token as sealedAccessToken",
    ])
    .where("id", "=", chatbotId)
    .executeTakeFirst();
  return row === undefined ? null : Sender.parse(row);
}

/**
 * Lets go of files that are older than so many days, with the texts of documents; that there was a
 * file stays. @returns how many, at most `limit`.
 */
export function expireMedia(
  db: AppDatabase,
  { days, limit }: { readonly days: number; readonly limit: number },
): Promise<number> {
  return asSystem(db, async (system) => {
    const { rows } = await sql<{ id: string }>`
      update message_media set status = 'expired', storage_key = null, text = null
      where message_id in (
        select message_id from message_media
        where storage_key is not null and created_at < now() - ${days} * interval '1 day'
        limit ${limit})
      returning message_id as id`.execute(system);
    return rows.length;
  });
}

/** Queues a file for its removal, if no row knows it: its message was deleted while it was fetched. */
export async function queueUnknownMedia(db: AppDatabase, storageKey: string): Promise<void> {
  await asSystem(db, (system) =>
    sql`
      insert into obsolete_media (storage_key) select ${storageKey}
      where not exists (select 1 from message_media where storage_key = ${storageKey})
      on conflict do nothing`.execute(system),
  );
}

/** Keys of files that nothing refers to any more. */
export function listObsoleteMedia(db: AppDatabase, limit: number): Promise<readonly string[]> {
  return asSystem(db, async (system) => {
    const { rows } = await sql<{ storage_key: string }>`
      select storage_key from obsolete_media order by created_at limit ${limit}`.execute(system);
    return rows.map((row) => row.storage_key);
  });
}

/** Notes that these files are gone from the storage. */
export async function forgetObsoleteMedia(
  db: AppDatabase,
  storageKeys: readonly string[],
): Promise<void> {
  await asSystem(db, (system) =>
    sql`delete from obsolete_media where storage_key = any (${storageKeys})`.execute(system),
  );
}
