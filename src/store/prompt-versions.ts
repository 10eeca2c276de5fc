import { sql } from "kysely";
import { z } from "zod";
import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import { PromptContent } from "#domain/prompt-content.ts";
import type { TenantDatabase } from "./as-tenant.ts";

const PromptVersion = z.object({
  number: z.number(),
  status: z.enum(["draft", "published", "archived"]),
  author: z.string(),
  note: z.string(),
  /** ISO 8601, as the others. */
  createdAt: z.string(),
  updatedAt: z.string(),
  /** When it went into effect, the last time. */
  publishedAt: z.string().nullable(),
  /** Messages that were answered from it. */
  answers: z.number(),
  content: PromptContent,
});
/** A version of a chatbot's instructions. */
export type PromptVersion = z.infer<typeof PromptVersion>;

/** The versions of a chatbot, the newest first. */
export async function listPromptVersions(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
): Promise<readonly PromptVersion[]> {
  const { rows } = await sql<{ version: unknown }>`
    select jsonb_build_object('number', v.number, 'status', v.status, 'author', v.author, 'note', v.note,
      'createdAt', v.created_at, 'updatedAt', v.updated_at, 'publishedAt', v.published_at,
      'answers', coalesce(m.answers, 0), 'content', v.content) as version
    from prompt_versions v
    left join (
      select prompt_version, count(distinct turn_id) as answers from messages
      where chatbot_id = ${chatbotId} and prompt_version is not null group by prompt_version
    ) m on m.prompt_version = v.number
    where v.chatbot_id = ${chatbotId}
    order by v.number desc`.execute(tenant);
  return rows.map(({ version }) => PromptVersion.parse(version));
}

/**
 * Keeps a draft, in place of the one that there is.
 * @returns its number.
 */
export async function savePromptDraft(
  tenant: TenantDatabase,
  organizationId: OrganizationId,
  draft: {
    readonly chatbotId: ChatbotId;
    readonly content: PromptContent;
    readonly author: string;
    readonly note: string;
  },
): Promise<number> {
  const { chatbotId, content, author, note } = draft;
  // numbers are given under the chatbot's lock, as the trigger publish_prompt does
  await sql`select 1 from chatbots where id = ${chatbotId} for no key update`.execute(tenant);
  const { rows } = await sql<{ number: number }>`
    insert into prompt_versions (organization_id, chatbot_id, number, status, content, author, note)
    select ${organizationId}::uuid, ${chatbotId}::uuid, coalesce(max(number), 0) + 1, 'draft',
      ${JSON.stringify(content)}::jsonb, ${author}, ${note}
    from prompt_versions where chatbot_id = ${chatbotId}
    on conflict (chatbot_id) where status = 'draft'
      do update set content = excluded.content, author = excluded.author, note = excluded.note
    returning number`.execute(tenant);
  return rows[0]?.number ?? 0;
}

/** Puts a version into effect, from the next turn on. False when there is none of this number. */
export async function publishPrompt(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
  number: number,
): Promise<boolean> {
  // the trigger publish_prompt does the rest
  const { rows } = await sql`
    update chatbots b set published_prompt_id = v.id from prompt_versions v
    where b.id = ${chatbotId} and v.chatbot_id = b.id and v.number = ${number}
    returning 1`.execute(tenant);
  return rows.length > 0;
}

/** Says who makes the version that a changed system prompt becomes, for this transaction. */
export async function setPromptAuthor(tenant: TenantDatabase, author: string): Promise<void> {
  await sql`select set_config('app.author', ${author}, true)`.execute(tenant);
}
