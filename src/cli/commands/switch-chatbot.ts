import { AppError } from "#domain/errors.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { switchChatbot } from "#store/chatbots.ts";
import { chatbotSummary } from "./chatbot-summary.ts";
import type { CommandDeps, Row } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";

/**
 * Switches a chatbot on (null) or off (with the reason).
 * @throws AppError CONFLICT when the monthly limit keeps it off.
 */
export async function switchChatbotByOperator(
  deps: CommandDeps,
  reference: string,
  disabledReason: string | null,
): Promise<Row> {
  const chatbot = await getChatbot(deps, reference);
  await asTenant(deps.database.db, chatbot.organizationId, async (tenant) => {
    const now = await switchChatbot(tenant, chatbot.id, disabledReason);
    if (disabledReason === null && !now.isActive)
      throw new AppError(
        "CONFLICT",
        "The organization has used up its monthly limit, which keeps its chatbots off. Raise the limit, or wait for the next billing period.",
      );
    await insertOperatorAudit(tenant, chatbot.organizationId, {
      action: disabledReason === null ? "chatbot.enabled" : "chatbot.disabled",
      targetType: "chatbot",
      targetId: chatbot.id,
      changes: { isActive: now.isActive },
    });
  });
  return chatbotSummary(await getChatbot(deps, chatbot.id));
}
