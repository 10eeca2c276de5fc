import { sql } from "kysely";
import { z } from "zod";
import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import { SourceId } from "#domain/knowledge.ts";
import type { TenantDatabase } from "./as-tenant.ts";

const File = z.object({
  sourceId: SourceId,
  name: z.string(),
  /** Key of the original in object storage. */
  filePath: z.string(),
  mediaType: z.string(),
  /** Meta's id of it, where it was uploaded from the chatbot's number and lives long enough. */
  mediaId: z.string().nullable(),
});
/** A document of a chatbot whose original can be sent. */
export type ChatbotFile = z.infer<typeof File>;

const Files = z.object({
  phoneNumberId: z.string(),
  sealedAccessToken: z.string(),
  files: z.array(File),
});
/** A chatbot's documents, the newest first, and what uploading one needs. */
export type ChatbotFiles = z.infer<typeof Files>;

/** Documents that are looked at; who has more has to name them better. */
const FILES_MAX = 1_000;

/** An upload is used as long as a turn that was just begun may need it. */
const LIFE_MIN_HOURS = 24;

/** The documents of a chatbot whose originals are files; null when there is no such chatbot. */
export async function loadChatbotFiles(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
): Promise<ChatbotFiles | null> {
  const { rows } = await sql<{ found: unknown }>`
    select jsonb_build_object('phoneNumberId', b.whatsapp_phone_number_id,
      'sealedAccessToken', b.whatsapp_access_token,
      'files', coalesce((select jsonb_agg(f.file) from (
        select jsonb_build_object('sourceId', s.id, 'name', s.name, 'filePath', s.file_path,
          'mediaType', s.media_type, 'mediaId', u.media_id) as file
        from knowledge_sources s
        left join uploaded_media u on u.source_id = s.id
          and u.phone_number_id = b.whatsapp_phone_number_id and u.file_path = s.file_path
          and u.expires_at > now() + ${LIFE_MIN_HOURS} * interval '1 hour'
        where s.chatbot_id = b.id and s.removed_at is null
          and s.file_path is not null and s.media_type is not null
        order by s.created_at desc limit ${FILES_MAX}) f), '[]')) as found
    from chatbots b where b.id = ${chatbotId}`.execute(tenant);
  return rows[0] === undefined ? null : Files.parse(rows[0].found);
}

/** An original that Meta has. */
export type UploadedFile = {
  readonly chatbotId: ChatbotId;
  readonly sourceId: SourceId;
  readonly phoneNumberId: string;
  readonly filePath: string;
  readonly mediaId: string;
  readonly expiresAt: Date;
};

/** Remembers an upload, in place of an earlier one of the same document. */
export async function rememberUploadedMedia(
  tenant: TenantDatabase,
  organizationId: OrganizationId,
  file: UploadedFile,
): Promise<void> {
  await sql`
    insert into uploaded_media (organization_id, chatbot_id, source_id, phone_number_id, file_path,
      media_id, expires_at)
    values (${organizationId}, ${file.chatbotId}, ${file.sourceId}, ${file.phoneNumberId}, ${file.filePath},
      ${file.mediaId}, ${file.expiresAt})
    on conflict (source_id, phone_number_id) do update set
      file_path = excluded.file_path, media_id = excluded.media_id, expires_at = excluded.expires_at`.execute(
    tenant,
  );
}

/** Forgets an upload that Meta does not take any more: the next one who asks causes a new one. */
export async function forgetUploadedMedia(tenant: TenantDatabase, mediaId: string): Promise<void> {
  await tenant.deleteFrom("uploaded_media").where("media_id", "=", mediaId).execute();
}
