import { readModelCalls } from "#agent/read-model-calls.ts";
import type { ConversationContext } from "#domain/conversation.ts";
import type { TurnResult, TurnSession } from "#mailbox/turn-handler.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import { logUsage } from "./log-usage.ts";
import { recordTools } from "./record-tools.ts";

/**
 * Ends a turn that has nothing to say any more. What it had done and paid before its message was deleted
 * is written down all the same.
 */
export function skipTurn(
  deps: { readonly keyRing: Pick<KeyRing, "seal"> },
  context: ConversationContext,
  session: TurnSession,
): TurnResult {
  const steps = session.finishedSteps();
  const toolExecutions = recordTools(deps.keyRing, context.organizationId, steps);
  const usage = logUsage({ calls: readModelCalls(steps) });
  if (toolExecutions.length === 0 && usage === null) return { kind: "skipped" };
  const nothing = { sent: [], history: [], confirmation: null, promptVersion: null };
  const { turnId } = session.turn;
  return {
    kind: "skipped",
    leaves: { ...context, ...nothing, turnId, toolExecutions, usage, purpose: "discarded draft" },
  };
}
