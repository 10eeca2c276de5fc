import { sql } from "kysely";
import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import type { TenantDatabase } from "./as-tenant.ts";

/**
 * Adds rows of the usage to what a chatbot has spent in its billing period. Those of unknown price are
 * counted by themselves: they are not free.
 */
export async function addChatbotSpend(
  tenant: TenantDatabase,
  spent: {
    readonly organizationId: OrganizationId;
    readonly chatbotId: ChatbotId;
    /** Millionths of a US dollar; null when the price is unknown. */
    readonly costs: readonly { readonly costMicros: number | null }[];
  },
): Promise<void> {
  const { organizationId, chatbotId, costs } = spent;
  const micros = costs.reduce((sum, { costMicros }) => sum + (costMicros ?? 0), 0);
  const unpriced = costs.filter(({ costMicros }) => costMicros === null).length;
  if (micros === 0 && unpriced === 0) return;
  await sql`select add_chatbot_spend(${organizationId}::uuid, ${chatbotId}::uuid, ${micros}::bigint,
    ${unpriced}::integer)`.execute(tenant);
}
