import type { ConversationContext } from "#domain/conversation.ts";
import type { HandoffReason } from "#domain/handoff.ts";
import type { TurnId } from "#domain/ids.ts";
import { recordAlert } from "#store/alerts.ts";
import type { TenantDatabase } from "#store/as-tenant.ts";

/**
 * Tells the people of the business that somebody waits for them; each handoff by itself, however many
 * there are within the hour, except when the bot itself fails, which it does for everybody at once. What it is about stands in the conversation's note, not here: alerts leave
 * the house.
 */
export async function alertOnHandoff(
  tenant: TenantDatabase,
  context: Pick<ConversationContext, "organizationId" | "chatbotId" | "conversationId">,
  handoff: { readonly reason: HandoffReason; readonly turnId: TurnId },
): Promise<void> {
  const { organizationId, chatbotId, conversationId } = context;
  await recordAlert(tenant, organizationId, {
    severity: "warning",
    type: "handoff",
    errorCode: null,
    message: `A customer waits for a person: ${WHY[handoff.reason]} Answer from the WhatsApp app; the bot stays silent meanwhile. Who else waits: ./parley conversation list --paused`,
    chatbotId,
    turnId: handoff.turnId,
    stepId: null,
    details: { conversationId, reason: handoff.reason },
    ...(handoff.reason === "failures" ? {} : { case: handoff.turnId }),
  });
}

const WHY: Readonly<Record<HandoffReason, string>> = {
  asked: "they asked for one.",
  "not helped": "they say that the bot's answers do not help.",
  failures: "the bot has failed several times in a row.",
  "cannot help": "it takes a person to help them.",
  complaint: "they complain or are upset.",
};
