import { sql } from "kysely";
import type { Handoff } from "#domain/handoff.ts";
import type { ChatbotId, ContactId, ConversationId, OrganizationId, TurnId } from "#domain/ids.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { TenantDatabase } from "./as-tenant.ts";

/** A message that leaves a trace in the history. */
export type HistoryRow = {
  readonly content: string;
  readonly type: string;
  /** The passages that the answer was given with, and the like. */
  readonly data: JsonValue;
  readonly whatsappMessageId: string | null;
  readonly toolCalls: JsonValue;
  /** ISO 8601. */
  readonly sentAt: string;
};

/** What the model calls of a turn used. */
export type UsageRow = {
  readonly model: string;
  readonly tokensPrompt: number;
  /** Those of them that the provider had in its cache. */
  readonly tokensCached: number;
  readonly tokensCompletion: number;
  /** Millionths of a US dollar; null when the price is unknown. */
  readonly costMicros: number | null;
};

/** A call of a tool. */
export type ToolExecutionRow = {
  /** The step that holds the result: one row for it, however often the turn is resumed. */
  readonly stepId: string;
  readonly toolCallId: string;
  readonly integrationId: string | null;
  readonly name: string;
  readonly type: string;
  readonly effects: "none" | "outside";
  /** Sealed or redacted. */
  readonly arguments: JsonValue;
  readonly result: JsonValue;
  readonly status: "success" | "failed" | "timeout" | "unknown";
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly durationMs: number;
};

/** A call that waits for the customer's yes; its id is the turn's. */
export type ConfirmationRow = {
  readonly name: string;
  readonly toolCallId: string;
  readonly integrationId: string | null;
  /** Sealed: what is passed, and a fingerprint of how the tool is set up. */
  readonly arguments: string;
};

/** What a turn leaves behind when it ends, all of it in the transaction that ends it. */
export type TurnEffects = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  readonly conversationId: ConversationId;
  readonly turnId: TurnId;
  readonly contactId: ContactId;
  readonly contact: { readonly language: string | null };
  /** What the customer writes in; written down where `contact.language`, what was known, is another. */
  readonly language: string | null;
  readonly sent: readonly { readonly id: string; readonly whatsappMessageId: string }[];
  readonly history: readonly HistoryRow[];
  readonly toolExecutions: readonly ToolExecutionRow[];
  /** Null: it asks the customer nothing. Only an answer asks. */
  readonly confirmation: ConfirmationRow | null;
  /** The version of the instructions that the answer was made from; null: it is no answer of a model. */
  readonly promptVersion: number | null;
  /** Null: no model was called. */
  readonly usage: UsageRow | null;
  /**
   * What the usage was for. Only an answer counts as a message; the tokens of a discarded draft or of
   * a failed turn are paid for all the same. A notice is no answer and calls no model.
   */
  readonly purpose: "answer" | "discarded draft" | "failed turn" | "notice";
  /** From here on a colleague has the conversation. */
  readonly handoff?: Handoff | null;
};

/** Writes the effects of a turn, once: the caller has just ended the turn in the same transaction. */
export async function writeTurnEffects(
  tenant: TenantDatabase,
  effects: TurnEffects,
): Promise<void> {
  await sql`select write_turn_effects(${JSON.stringify(toLeavesRow(effects))}::jsonb)`.execute(
    tenant,
  );
}

/** The effects as `write_turn_effects` reads them, and nothing else that the object may hold. */
export function toLeavesRow(effects: TurnEffects): object {
  const { organizationId, chatbotId, conversationId, turnId, contactId } = effects;
  const { sent, history, toolExecutions, confirmation } = effects;
  const { promptVersion, usage, purpose, handoff = null } = effects;
  const ids = { organizationId, chatbotId, conversationId, turnId, contactId };
  const language = effects.language === effects.contact.language ? null : effects.language;
  const written = { sent, history, toolExecutions, confirmation };
  return { ...ids, ...written, promptVersion, usage, purpose, language, handoff };
}
