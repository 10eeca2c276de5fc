import { sql } from "kysely";
import { z } from "zod";
import type { ConversationId } from "#domain/ids.ts";
import { ChatbotId, ContactId } from "#domain/ids.ts";
import type { TenantDatabase } from "./as-tenant.ts";

const Entry = z.object({
  id: z.string(),
  author: z.enum(["customer", "bot", "human"]),
  type: z.string(),
  text: z.string(),
  sentAt: z.string(),
  whatsappMessageId: z.string().nullable(),
  revoked: z.boolean(),
});

const Loaded = z.object({
  chatbotId: ChatbotId,
  contactId: ContactId,
  chatbot: z.object({
    name: z.string(),
    model: z.string(),
    fallbackModel: z.string().nullable(),
    systemPrompt: z.string(),
    failureMessage: z.string(),
    historyTokenBudget: z.number(),
  }),
  contact: z.object({
    name: z.string().nullable(),
    phone: z.string().nullable(),
    userId: z.string().nullable(),
  }),
  entries: z.array(Entry),
});

/** All that a turn reads, in one query: the chatbot, the person, and the newest messages. */
export type LoadedConversation = z.infer<typeof Loaded>;

/**
 * Reads a conversation with its newest messages, oldest first; null when it is gone.
 * @param messages how many to read at most; the token budget cuts further.
 */
export async function loadConversation(
  tenant: TenantDatabase,
  conversationId: ConversationId,
  messages: number,
): Promise<LoadedConversation | null> {
  const { rows } = await sql<{ loaded: unknown }>`
    select jsonb_build_object(
      'chatbotId', c.chatbot_id, 'contactId', k.id,
      'chatbot', jsonb_build_object('name', b.name, 'model', b.model, 'fallbackModel', b.fallback_model,
        'systemPrompt', b.system_prompt, 'failureMessage', b.failure_message,
        'historyTokenBudget', b.history_token_budget),
      'contact', jsonb_build_object('name', k.profile_name, 'phone', k.phone, 'userId', k.user_id),
      'entries', (
        select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'author', m.author, 'type', m.type,
          'text', m.content, 'sentAt', m.sent_at, 'whatsappMessageId', m.whatsapp_message_id,
          'revoked', m.revoked_at is not null) order by m.id), '[]')
        from (
          select * from messages
          where conversation_id = thread.id and author <> 'system' and type <> 'reaction'
          order by id desc limit ${messages}
        ) m)
    ) as loaded
    from conversations c
    join contacts own on own.id = c.contact_id
    join contacts k on k.id = coalesce(own.merged_into, own.id)
    join conversations thread on thread.contact_id = k.id
    join chatbots b on b.id = c.chatbot_id
    where c.id = ${conversationId}`.execute(tenant);
  return rows[0] === undefined ? null : Loaded.parse(rows[0].loaded);
}
