import { sql } from "kysely";
import { z } from "zod";
import { ConversationId, OrganizationId } from "#domain/ids.ts";
import type { SystemDatabase, TenantDatabase } from "./as-tenant.ts";

/** A conversation as operators see it: counts and times, never what was written. */
const ConversationRow = z.object({
  id: ConversationId,
  organizationId: OrganizationId,
  chatbotId: z.string(),
  chatbot: z.string(),
  contact: z.string().nullable(),
  /** The last four digits. */
  phone: z.string().nullable(),
  /** What the person writes in, a BCP 47 tag; null: not known yet. */
  language: z.string().nullable(),
  status: z.enum(["bot", "human", "merged"]),
  isPaused: z.boolean(),
  pausedUntil: z.string().nullable(),
  pausedReason: z.string().nullable(),
  inbound: z.number(),
  outbound: z.number(),
  lastInboundAt: z.string().nullable(),
});
/** One conversation. */
export type ConversationRow = z.infer<typeof ConversationRow>;

/** Conversations, the one that was written to last first. */
export async function listConversations(
  system: SystemDatabase,
  filter: {
    readonly id?: string | undefined;
    readonly chatbotId?: string | undefined;
    /** Digits of a phone number. */
    readonly phone?: string | undefined;
    readonly isPaused?: boolean | undefined;
    readonly limit: number;
  },
): Promise<readonly ConversationRow[]> {
  const { id = null, chatbotId = null, phone = null, isPaused = null, limit } = filter;
  const { rows } = await sql<{ conversation: unknown }>`
    select jsonb_build_object('id', c.id, 'organizationId', c.organization_id, 'chatbotId', b.id,
      'chatbot', b.name, 'contact', k.profile_name, 'phone', '…' || right(k.phone, 4),
      'language', k.language,
      'status', c.status, 'isPaused', is_paused(c), 'pausedUntil', c.paused_until,
      'pausedReason', c.paused_reason, 'lastInboundAt', c.last_inbound_at,
      'inbound', (select count(*) from messages m where m.conversation_id = c.id and m.direction = 'inbound'),
      'outbound', (select count(*) from messages m where m.conversation_id = c.id and m.direction = 'outbound')
    ) as conversation
    from conversations c join chatbots b on b.id = c.chatbot_id join contacts k on k.id = c.contact_id
    where (${id}::uuid is null or c.id = ${id}::uuid)
      and (${chatbotId}::uuid is null or b.id = ${chatbotId}::uuid)
      and (${phone}::text is null or k.phone = ${phone})
      and (${isPaused}::boolean is null or is_paused(c) = ${isPaused})
    order by c.last_inbound_at desc nulls last
    limit ${limit}`.execute(system);
  return rows.map((row) => ConversationRow.parse(row.conversation));
}

/** Silences the bot in a conversation. @param until null: until it is resumed. */
export async function pauseConversation(
  tenant: TenantDatabase,
  id: ConversationId,
  until: Date | null,
): Promise<void> {
  await tenant
    .updateTable("conversations")
    .set({ status: "human", paused_until: until, paused_reason: "operator" })
    .where("id", "=", id)
    .where("status", "!=", "merged")
    .execute();
}

/** Lets the bot answer again, from the next message on. */
export async function resumeConversation(
  tenant: TenantDatabase,
  id: ConversationId,
): Promise<void> {
  await tenant
    .updateTable("conversations")
    .set({ status: "bot", paused_until: null, paused_reason: null })
    .where("id", "=", id)
    .where("status", "!=", "merged")
    .execute();
}
