import type { AgentAnswer, ModelCall } from "#domain/conversation.ts";
import type { UsageRow } from "#store/turn-effects.ts";

/**
 * Step 3c. One usage row for the turn, with the tokens of all its model calls: the specification's
 * billing query counts rows as messages. Commits with the turn, so exactly once.
 */
export function logUsage(answer: Pick<AgentAnswer, "calls">): UsageRow | null {
  const last = answer.calls.at(-1);
  return last === undefined
    ? null
    : {
        model: last.model,
        tokensPrompt: total(answer.calls, (call) => call.inputTokens),
        tokensCompletion: total(answer.calls, (call) => call.outputTokens),
        // Unknown until there is a price table; unknown is never shown as free.
        costMicros: null,
      };
}

function total(calls: readonly ModelCall[], tokensOf: (call: ModelCall) => number): number {
  return calls.reduce((sum, call) => sum + tokensOf(call), 0);
}
