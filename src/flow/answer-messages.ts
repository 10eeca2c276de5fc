import { type RunAgentDeps, runAgent } from "#agent/run-agent.ts";
import type { AgentAnswer, ConversationContext } from "#domain/conversation.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";

export type AnswerDeps = Omit<RunAgentDeps, "checkpoint">;

/** Step 2. Lets the agent answer; its model and tool calls become steps of the turn. */
export function answerMessages(
  deps: AnswerDeps,
  input: { readonly context: ConversationContext; readonly session: TurnSession },
): Promise<AgentAnswer> {
  const { checkpoint, signal } = input.session;
  return runAgent({ ...deps, checkpoint }, { context: input.context, signal });
}
