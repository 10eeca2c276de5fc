import type { ConversationContext } from "#domain/conversation.ts";
import type { Handoff } from "#domain/handoff.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import { countFailuresInARow } from "#store/turns.ts";

/** The third failure in a row leaves the customer to a colleague. */
const FAILURES_MAX = 3;

/** Whether the failure that is being told of hands the conversation over; null when it does not. */
export async function findHandoffAfterFailures(
  deps: { readonly db: AppDatabase },
  context: ConversationContext,
  mailboxKey: string,
): Promise<Handoff | null> {
  if (context.chatbot.handoff === "off" || context.isPaused) return null;
  const before = FAILURES_MAX - 1;
  const failed = await asTenant(deps.db, context.organizationId, (tenant) =>
    countFailuresInARow(tenant, { key: mailboxKey, max: before }),
  );
  if (failed < before) return null;
  return { reason: "failures", summary: `The bot failed ${FAILURES_MAX} times in a row.` };
}
