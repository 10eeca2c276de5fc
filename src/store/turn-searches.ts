import { sql } from "kysely";
import type { ChatbotId, ConversationId, OrganizationId, TurnId } from "#domain/ids.ts";
import type { TenantDatabase } from "./as-tenant.ts";

/** What the searches of a turn leave behind. */
export type TurnSearches = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  readonly conversationId: ConversationId;
  readonly turnId: TurnId;
  /** Questions that the documents could not answer. */
  readonly gaps: readonly { readonly question: string; readonly bestSimilarity: number | null }[];
  /** What embedding the questions cost. */
  readonly embedded: readonly { readonly model: string; readonly tokens: number }[];
};

/**
 * Records knowledge gaps (the same question counts up one row) and the tokens of embedded questions,
 * in the transaction that ends the turn.
 */
export async function recordTurnSearches(
  tenant: TenantDatabase,
  searches: TurnSearches,
): Promise<void> {
  const { organizationId, chatbotId, conversationId, turnId } = searches;
  await sql`
    with gaps as (
      insert into knowledge_gaps as known (organization_id, chatbot_id, conversation_id, turn_id, question,
        reason, best_similarity)
      select distinct on (md5(lower(btrim(g.question)))) ${organizationId}::uuid, ${chatbotId}::uuid,
        ${conversationId}::uuid, ${turnId}::uuid, g.question,
        case when g."bestSimilarity" is null then 'nothing-found' else 'below-threshold' end, g."bestSimilarity"
      from jsonb_to_recordset(${JSON.stringify(searches.gaps)}::jsonb)
        as g (question text, "bestSimilarity" double precision)
      on conflict (chatbot_id, question_key) do update set
        occurrences = known.occurrences + 1, last_at = now(), turn_id = excluded.turn_id,
        conversation_id = excluded.conversation_id,
        reason = excluded.reason, best_similarity = excluded.best_similarity
    ), embedded as (
      select model, sum(tokens)::integer as tokens
      from jsonb_to_recordset(${JSON.stringify(searches.embedded)}::jsonb) as e (model text, tokens integer)
      where tokens > 0 group by model
    ), logged as (
      insert into usage_logs (organization_id, conversation_id, turn_id, kind, model, tokens_prompt, tokens_total)
      select ${organizationId}::uuid, ${conversationId}::uuid, ${turnId}::uuid, 'embedding', model, tokens, tokens
      from embedded
    )
    update usage_summary set current_period_tokens = current_period_tokens + total.tokens
    from (select sum(tokens) as tokens from embedded) total
    where organization_id = ${organizationId}::uuid and total.tokens > 0`.execute(tenant);
}
