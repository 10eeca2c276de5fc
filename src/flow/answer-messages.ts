import { readModelCall } from "#agent/read-model-calls.ts";
import { runAgent, type RunAgentDeps } from "#agent/run-agent.ts";
import type { Checkpoint } from "#domain/checkpoint.ts";
import type { AgentAnswer, ConversationContext } from "#domain/conversation.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import type { Metrics } from "#platform/metrics.ts";

export type AnswerDeps = Omit<RunAgentDeps, "checkpoint"> & {
  readonly metrics: Pick<Metrics, "modelCalled">;
};

/**
 * Step 2. Lets the agent answer. Its model and tool calls become steps of the turn: a resumed turn
 * makes, and counts, none of them again.
 */
export function answerMessages(
  deps: AnswerDeps,
  input: { readonly context: ConversationContext; readonly session: TurnSession },
): Promise<AgentAnswer> {
  const { session, context } = input;
  const checkpoint: Checkpoint = (name, work) =>
    session.checkpoint(name, async () => {
      const output = await work();
      const call = readModelCall(name, output);
      if (call !== null) deps.metrics.modelCalled(call);
      return output;
    });
  return runAgent({ ...deps, checkpoint }, { context, signal: session.signal });
}
