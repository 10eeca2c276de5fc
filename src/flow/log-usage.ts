import type { AgentAnswer, ModelCall } from "#domain/conversation.ts";
import type { UsageRow } from "#store/turn-effects.ts";
import { costOfCalls } from "#usage/cost-of-calls.ts";

/**
 * Step 3c. One usage row for the turn, with the tokens and the cost of all its model calls: the specification's
 * billing query counts rows as messages. Commits with the turn, so exactly once.
 */
export function logUsage(answer: Pick<AgentAnswer, "calls">): UsageRow | null {
  const last = answer.calls.at(-1);
  return last === undefined
    ? null
    : {
        model: last.model,
        tokensPrompt: total(answer.calls, (call) => call.inputTokens),
        tokensCached: total(answer.calls, (call) => call.cachedInputTokens ?? 0),
        tokensCompletion: total(answer.calls, (call) => call.outputTokens),
        costMicros: costOfCalls(answer.calls),
      };
}

function total(calls: readonly ModelCall[], tokensOf: (call: ModelCall) => number): number {
  return calls.reduce((sum, call) => sum + tokensOf(call), 0);
}
