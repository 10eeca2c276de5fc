import type { ConversationContext } from "#domain/conversation.ts";
import type { TurnId } from "#domain/ids.ts";
import { costsOfSearches } from "#knowledge/search/costs-of-search.ts";
import type { TenantDatabase } from "#store/as-tenant.ts";
import { recordTurnSearches } from "#store/turn-searches.ts";
import type { Searches } from "./read-searches.ts";

/**
 * Records what the searches of a turn cost, and the questions that the model asked the documents in
 * vain: knowledge gaps, for the admin to fill. An early search in vain is none: customers also greet.
 */
export async function writeSearches(
  tenant: TenantDatabase,
  turn: ConversationContext & { readonly turnId: TurnId },
  { asked, early }: Searches,
): Promise<void> {
  const all = early === null ? asked : [early, ...asked];
  await recordTurnSearches(tenant, {
    ...turn,
    gaps: asked
      .filter(({ passages }) => passages.length === 0)
      .map(({ query, bestSimilarity }) => ({ question: query, bestSimilarity })),
    costs: costsOfSearches(all),
  });
}
