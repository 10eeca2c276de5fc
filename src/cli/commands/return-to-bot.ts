import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { type ConversationRow, endPause } from "#store/conversations.ts";
import type { CommandDeps } from "./command.ts";
import { wakeWorkers } from "./wake-workers.ts";

/** Ends the pause of a conversation, and has the person told of it. */
export async function returnToBot(
  deps: Pick<CommandDeps, "database">,
  { id, organizationId }: Pick<ConversationRow, "id" | "organizationId">,
  pause: { readonly way: "resumed" | "closed"; readonly silently: boolean },
): Promise<void> {
  const { way } = pause;
  await asTenant(deps.database.db, organizationId, async (tenant) => {
    await endPause(tenant, id, { way, person: pause.silently ? "is not told" : "is told" });
    await insertOperatorAudit(tenant, organizationId, {
      action: `conversation.${way}`,
      targetType: "conversation",
      targetId: id,
      changes: { silently: pause.silently },
    });
  });
  await wakeWorkers(deps);
}
