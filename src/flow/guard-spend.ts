import { renderText } from "#agent/build-instructions.ts";
import { hasLeftTraces } from "#agent/call-tool.ts";
import { readModelCalls } from "#agent/read-model-calls.ts";
import {
  type AgentAnswer,
  type ConversationContext,
  type ModelCall,
  NO_ANSWER,
} from "#domain/conversation.ts";
import { answerLanguage } from "#domain/language.ts";
import { sentence } from "#language/sentences.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import { costOfCalls } from "#usage/cost-of-calls.ts";
import { CONFIRMATION } from "./confirmation/settle-confirmation.ts";

/**
 * Whether the chatbot has spent its month, so that no model may be called. A turn whose calls have begun
 * goes on: they are paid for. So does one that has taken a customer's yes or changed something, as
 * somebody must say what came of it.
 */
export function mayNotSpend(
  { chatbot }: ConversationContext,
  session: Pick<TurnSession, "finishedSteps">,
): boolean {
  const steps = session.finishedSteps();
  const hasBegun =
    readModelCalls(steps).length > 0 || hasLeftTraces(steps) || steps.has(CONFIRMATION);
  return chatbot.spend.isMonthUsedUp && !hasBegun;
}

/**
 * The chatbot's fallback sentence, or where it has none its failure message, or Parley's own. Costs
 * nothing.
 */
export function answerWithoutModel(context: ConversationContext): AgentAnswer {
  const { prompt, failureMessage } = context.chatbot;
  const { languages, fallbackSentence } = prompt.content;
  const text =
    renderText(context, fallbackSentence).trim() ||
    (failureMessage ?? sentence("quotaReached", answerLanguage(context.language, languages)));
  return { ...NO_ANSWER, text };
}

/**
 * Tells whether model calls, with what was paid before, have cost what a turn may cost. Those of
 * unknown price reach no ceiling: whoever sets one for such a model is told so.
 */
export function createSpendGuard(
  { chatbot }: ConversationContext,
  before: {
    readonly calls?: readonly ModelCall[];
    /** Of anything else that the turn has paid, such as a transcript. */
    readonly micros?: number;
  } = {},
) {
  const { turnCeilingMicros } = chatbot.spend;
  const spent = knownCost(before.calls ?? []) + (before.micros ?? 0);
  return (calls: readonly ModelCall[]): boolean =>
    turnCeilingMicros !== null && spent + knownCost(calls) >= turnCeilingMicros;
}

function knownCost(calls: readonly ModelCall[]): number {
  return calls.reduce((sum, call) => sum + (costOfCalls([call]) ?? 0), 0);
}
