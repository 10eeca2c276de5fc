import { asSystem } from "#store/as-tenant.ts";
import { type ConversationState, loadConversationState } from "#store/conversation-state.ts";
import type { CommandDeps } from "./command.ts";
import { explainConversation } from "./explain-conversation.ts";
import { livingWorkers } from "./living-workers.ts";

/** A conversation's state and the sentence that explains it; null when there is no such one. */
export async function readConversationState(
  deps: CommandDeps,
  conversationId: string,
): Promise<{ readonly state: ConversationState; readonly explanation: string } | null> {
  const state = await asSystem(deps.database.db, (system) =>
    loadConversationState(system, conversationId, livingWorkers(deps)),
  );
  if (state === null) return null;
  const explanation = explainConversation(state, {
    outcomeWaitMs: deps.config.SEND_OUTCOME_WAIT_MS,
    deadAfterMs: deps.config.WORKER_DEAD_AFTER_MS,
  });
  return { state, explanation };
}
