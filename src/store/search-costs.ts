import { sql } from "kysely";
import type { ChatbotId, ConversationId, OrganizationId, TurnId } from "#domain/ids.ts";
import type { TenantDatabase } from "./as-tenant.ts";
import { addChatbotSpend } from "./chatbot-spend.ts";

/** What calls of a search have cost: a row of the usage. */
export type SearchCost = {
  readonly kind: "embedding" | "reranking";
  readonly model: string;
  readonly tokens: number;
  /** Millionths of a US dollar; null when the price is unknown. */
  readonly costMicros: number | null;
};

/** What searches have cost, and who searched. */
export type SearchCosts = {
  readonly organizationId: OrganizationId;
  /** Whose documents were searched. */
  readonly chatbotId: ChatbotId;
  /** Null: a command searched. */
  readonly conversationId: ConversationId | null;
  readonly turnId: TurnId | null;
  readonly costs: readonly SearchCost[];
};

/** Logs what searches have cost, a row each. */
export async function recordSearchCosts(
  tenant: TenantDatabase,
  { organizationId, chatbotId, conversationId, turnId, costs }: SearchCosts,
): Promise<void> {
  if (costs.length === 0) return;
  const tokens = costs.reduce((sum, cost) => sum + cost.tokens, 0);
  await sql`
    with logged as (
      insert into usage_logs (organization_id, conversation_id, turn_id, kind, model, tokens_prompt, tokens_total,
        cost_micros)
      select ${organizationId}::uuid, ${conversationId}::uuid, ${turnId}::uuid, kind, model, tokens, tokens,
        "costMicros"
      from jsonb_to_recordset(${JSON.stringify(costs)}::jsonb)
        as r (kind text, model text, tokens integer, "costMicros" bigint)
    )
    update usage_summary set current_period_tokens = current_period_tokens + ${tokens}::bigint
    where organization_id = ${organizationId}::uuid and ${tokens}::bigint > 0`.execute(tenant);
  await addChatbotSpend(tenant, { organizationId, chatbotId, costs });
}
