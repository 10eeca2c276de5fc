import { sql } from "kysely";
import type { ChatbotId, ConversationId, OrganizationId, TurnId } from "#domain/ids.ts";
import type { TenantDatabase } from "./as-tenant.ts";
import { recordSearchCosts, type SearchCost } from "./search-costs.ts";

/** What the searches of a turn leave behind. */
export type TurnSearches = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  readonly conversationId: ConversationId;
  readonly turnId: TurnId;
  /** Questions that the documents could not answer. */
  readonly gaps: readonly { readonly question: string; readonly bestSimilarity: number | null }[];
  readonly costs: readonly SearchCost[];
};

/**
 * Records knowledge gaps (the same question counts up one row) and what the searches have cost, in the
 * transaction that ends the turn.
 */
export async function recordTurnSearches(
  tenant: TenantDatabase,
  searches: TurnSearches,
): Promise<void> {
  const { organizationId, chatbotId, conversationId, turnId, gaps } = searches;
  await recordSearchCosts(tenant, searches);
  if (gaps.length === 0) return;
  await sql`
    insert into knowledge_gaps as known (organization_id, chatbot_id, conversation_id, turn_id, question,
      reason, best_similarity)
    select distinct on (md5(lower(btrim(g.question)))) ${organizationId}::uuid, ${chatbotId}::uuid,
      ${conversationId}::uuid, ${turnId}::uuid, g.question,
      case when g."bestSimilarity" is null then 'nothing-found' else 'below-threshold' end, g."bestSimilarity"
    from jsonb_to_recordset(${JSON.stringify(gaps)}::jsonb)
      as g (question text, "bestSimilarity" double precision)
    on conflict (chatbot_id, question_key) do update set
      occurrences = known.occurrences + 1, last_at = now(), turn_id = excluded.turn_id,
      conversation_id = excluded.conversation_id,
      reason = excluded.reason, best_similarity = excluded.best_similarity`.execute(tenant);
}
