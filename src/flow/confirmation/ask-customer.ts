import { readAskedCall } from "#agent/call-tool.ts";
import type { ConversationContext } from "#domain/conversation.ts";
import { answerLanguage } from "#domain/language.ts";
import type { OutboundShape } from "#domain/outbound.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import type { ConfirmationRow } from "#store/turn-effects.ts";
import { describeCall } from "./describe-call.ts";
import { confirmationButtons } from "./find-confirmation.ts";

/** What goes with a reply that asks the customer before a tool is called. */
export type Question = {
  readonly buttons: OutboundShape;
  /** What the yes means, to stand last in the reply. */
  readonly summary: string;
  /** The call, to be made when they say yes. Commits with the turn. */
  readonly confirmation: ConfirmationRow;
};

/** The question that a turn asks, when its model has called a tool that needs the customer's yes. */
export function askCustomer(
  { keyRing }: { readonly keyRing: Pick<KeyRing, "seal"> },
  { organizationId, language, chatbot }: ConversationContext,
  session: Pick<TurnSession, "turn" | "finishedSteps">,
): Question | null {
  const call = readAskedCall(session.finishedSteps());
  if (call === null) return null;
  const spoken = answerLanguage(language, chatbot.prompt.content.languages);
  const context = { organizationId, column: "tool_confirmations" };
  return {
    buttons: confirmationButtons(session.turn.turnId, spoken),
    summary: describeCall(call.name, call.input),
    confirmation: {
      name: call.name,
      toolCallId: call.toolCallId,
      integrationId: call.integrationId,
      arguments: keyRing.seal(
        JSON.stringify({ input: call.input, fingerprint: call.fingerprint }),
        context,
      ),
    },
  };
}
