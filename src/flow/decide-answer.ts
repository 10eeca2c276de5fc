import { type AgentAnswer, type ConversationContext, NO_ANSWER } from "#domain/conversation.ts";
import type { Handoff } from "#domain/handoff.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import { type AnswerDeps, answerMessages } from "./answer-messages.ts";
import { findHandoff } from "./handoff/find-handoff.ts";
import { readHandoff } from "./handoff/read-handoff.ts";

/** What is answered, and whether the conversation goes to a colleague with it. */
export type DecidedAnswer = {
  readonly answer: AgentAnswer;
  readonly handoff: Handoff | null;
  /** The person's language, when this turn's words gave it away. */
  readonly language: string | null;
};

/**
 * Step 2 with what surrounds it: no model is asked when the turn only brings notices, or when the
 * customer's own words hand the conversation over.
 */
export async function decideAnswer(
  deps: AnswerDeps,
  input: { readonly context: ConversationContext; readonly session: TurnSession },
): Promise<DecidedAnswer> {
  if (input.context.incoming.length === 0)
    return { answer: NO_ANSWER, handoff: null, language: null };
  const found = findHandoff(input.context);
  if (found !== null) {
    const { language, ...handoff } = found;
    return { answer: NO_ANSWER, handoff, language };
  }
  const answer = await answerMessages(deps, input);
  return { answer, handoff: readHandoff(input.session.finishedSteps()), language: null };
}
