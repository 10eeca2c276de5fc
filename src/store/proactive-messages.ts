import { sql } from "kysely";
import { z } from "zod";
import {
  ChatbotId,
  type ConversationId,
  type OrganizationId,
  type OutboundMessageId,
  type TurnId,
} from "#domain/ids.ts";
import type { OutboundContent } from "#domain/outbound.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import type { TenantDatabase } from "./as-tenant.ts";

const Target = z.object({
  chatbotId: ChatbotId,
  phoneNumberId: z.string(),
  sealedAccessToken: z.string(),
  phone: z.string().nullable(),
  userId: z.string().nullable(),
  isMerged: z.boolean(),
  isActive: z.boolean(),
  isOptedOut: z.boolean(),
});
/** Whom a message that nobody asked for would reach, and from where. */
export type ProactiveTarget = z.infer<typeof Target>;

/**
 * The person of a conversation; null when there is no such conversation. Until the transaction ends
 * the person can neither opt out nor change.
 */
export async function findProactiveTarget(
  tenant: TenantDatabase,
  conversationId: ConversationId,
): Promise<ProactiveTarget | null> {
  const { rows } = await sql<{ target: unknown }>`
    select jsonb_build_object('chatbotId', b.id, 'phoneNumberId', b.whatsapp_phone_number_id,
      'sealedAccessToken', b.whatsapp_access_token, 'phone', k.phone, 'userId', k.user_id,
      'isMerged', c.status = 'merged', 'isActive', b.is_active,
      'isOptedOut', k.opted_out_at is not null) as target
    from conversations c join chatbots b on b.id = c.chatbot_id join contacts k on k.id = c.contact_id
    where c.id = ${conversationId} for share of k`.execute(tenant);
  return rows[0] === undefined ? null : Target.parse(rows[0].target);
}

/** The intent to send a message that nobody asked for. */
export type ProactiveMessage = {
  readonly id: OutboundMessageId;
  /** Of no turn, but every intent has one. */
  readonly turnId: TurnId;
  readonly chatbotId: ChatbotId;
  readonly conversationId: ConversationId;
  readonly content: OutboundContent;
  /** As the history shows it. */
  readonly history: { readonly type: string; readonly content: string; readonly data: JsonObject };
};

/** Records the intent, and the message in the history: models read it whatever becomes of it. */
export async function insertProactiveMessage(
  tenant: TenantDatabase,
  organizationId: OrganizationId,
  message: ProactiveMessage,
): Promise<void> {
  const { history } = message;
  await sql`
    insert into outbound_messages (id, organization_id, chatbot_id, conversation_id, turn_id, position,
      content, state, attempts)
    values (${message.id}, ${organizationId}, ${message.chatbotId}, ${message.conversationId},
      ${message.turnId}, 1, ${JSON.stringify(message.content)}::jsonb, 'sending', 1)`.execute(
    tenant,
  );
  await sql`
    insert into messages (organization_id, chatbot_id, conversation_id, direction, author, type, content,
      data, turn_id, sent_at)
    values (${organizationId}, ${message.chatbotId}, ${message.conversationId}, 'outbound', 'bot',
      ${history.type}, ${history.content}, ${JSON.stringify(history.data)}::jsonb, ${message.turnId}, now())`.execute(
    tenant,
  );
}

/** What became of it: Meta's id of it, or null when it was refused; then the history forgets it. */
export async function settleProactiveMessage(
  tenant: TenantDatabase,
  message: Pick<ProactiveMessage, "conversationId" | "turnId">,
  whatsappMessageId: string | null,
): Promise<void> {
  const { conversationId, turnId } = message;
  if (whatsappMessageId === null)
    await sql`delete from messages
      where conversation_id = ${conversationId} and turn_id = ${turnId}`.execute(tenant);
  else
    await sql`update messages set whatsapp_message_id = ${whatsappMessageId}
      where conversation_id = ${conversationId} and turn_id = ${turnId}`.execute(tenant);
}
