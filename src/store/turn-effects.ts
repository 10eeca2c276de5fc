import { sql } from "kysely";
import type { ChatbotId, ConversationId, OrganizationId, TurnId } from "#domain/ids.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { TenantDatabase } from "./as-tenant.ts";

/** A message that leaves a trace in the history. */
export type HistoryRow = {
  readonly content: string;
  readonly type: string;
  readonly whatsappMessageId: string | null;
  readonly toolCalls: JsonValue;
  /** ISO 8601. */
  readonly sentAt: string;
};

/** What the model calls of a turn used. */
export type UsageRow = {
  readonly model: string;
  readonly tokensPrompt: number;
  readonly tokensCompletion: number;
  /** Millionths of the currency; null when the price is unknown. */
  readonly costMicros: number | null;
};

/** What a turn leaves behind when it ends, all of it in the transaction that ends it. */
export type TurnEffects = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  readonly conversationId: ConversationId;
  readonly turnId: TurnId;
  readonly sent: readonly { readonly id: string; readonly whatsappMessageId: string }[];
  readonly history: readonly HistoryRow[];
  /** Null: no model was called. */
  readonly usage: UsageRow | null;
  /**
   * What the usage was for. Only an answer counts as a message; the tokens of a discarded draft or of
   * a failed turn are paid for all the same.
   */
  readonly purpose: "answer" | "discarded draft" | "failed turn";
};

/** Writes the effects of a turn, once: the caller has just ended the turn in the same transaction. */
export async function writeTurnEffects(
  tenant: TenantDatabase,
  effects: TurnEffects,
): Promise<void> {
  const { usage } = effects;
  const isAnswer = effects.purpose === "answer";
  const tokens = (usage?.tokensPrompt ?? 0) + (usage?.tokensCompletion ?? 0);
  await sql`
    with settled as (
      update outbound_messages o set state = 'sent', whatsapp_message_id = s."whatsappMessageId"
      from jsonb_to_recordset(${JSON.stringify(effects.sent)}::jsonb) as s (id uuid, "whatsappMessageId" text)
      where o.id = s.id and o.state = 'sending'
    ), history as (
      insert into messages (organization_id, chatbot_id, conversation_id, direction, author, type, content,
        tool_calls, whatsapp_message_id, turn_id, sent_at)
      select ${effects.organizationId}::uuid, ${effects.chatbotId}::uuid, ${effects.conversationId}::uuid,
        'outbound', 'bot', h.type, h.content, h."toolCalls", h."whatsappMessageId", ${effects.turnId}::uuid, h."sentAt"
      from jsonb_to_recordset(${JSON.stringify(effects.history)}::jsonb)
        as h (type text, content text, "toolCalls" jsonb, "whatsappMessageId" text, "sentAt" timestamptz)
      on conflict (chatbot_id, whatsapp_message_id) do nothing
    ), logged as (
      insert into usage_logs (organization_id, chatbot_id, conversation_id, turn_id, kind, model,
        tokens_prompt, tokens_completion, tokens_total, cost_micros)
      select ${effects.organizationId}::uuid, ${isAnswer ? effects.chatbotId : null}::uuid,
        ${effects.conversationId}::uuid, ${effects.turnId}::uuid, ${effects.purpose}, u.model,
        u."tokensPrompt", u."tokensCompletion", u."tokensPrompt" + u."tokensCompletion", u."costMicros"
      from jsonb_to_recordset(${JSON.stringify(usage === null ? [] : [usage])}::jsonb)
        as u (model text, "tokensPrompt" integer, "tokensCompletion" integer, "costMicros" bigint)
    )
    update usage_summary set
      current_period_messages = current_period_messages + ${isAnswer ? 1 : 0},
      current_period_tokens = current_period_tokens + ${tokens}
    where organization_id = ${effects.organizationId}::uuid`.execute(tenant);
}
