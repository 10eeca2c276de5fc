import type { AgentAnswer } from "#domain/conversation.ts";
import type { UsageRow } from "#store/turn-effects.ts";

/** Step 3c. One usage row for each model call of the turn. Commits with the turn, so exactly once. */
export function logUsage(answer: AgentAnswer): readonly UsageRow[] {
  return answer.calls.map((call) => ({
    kind: "answer",
    model: call.model,
    tokensPrompt: call.inputTokens,
    tokensCompletion: call.outputTokens,
    // Unknown until there is a price table; unknown is never shown as free.
    costMicros: null,
  }));
}
