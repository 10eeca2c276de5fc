import type { AgentAnswer, ConversationContext } from "#domain/conversation.ts";
import type { Handoff } from "#domain/handoff.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import { type AnswerDeps, answerMessages } from "./answer-messages.ts";
import { readHandoff } from "./read-handoff.ts";

/** What is answered, and whether the conversation goes to a colleague with it. */
export type DecidedAnswer = { readonly answer: AgentAnswer; readonly handoff: Handoff | null };

/**
 * Step 2 with what surrounds it: a turn that only brings notices, or whose messages a colleague answers,
 * asks no model.
 */
export async function decideAnswer(
  deps: AnswerDeps,
  input: { readonly context: ConversationContext; readonly session: TurnSession },
): Promise<DecidedAnswer> {
  if (input.context.incoming.length === 0) return { answer: NO_ANSWER, handoff: null };
  const answer = await answerMessages(deps, input);
  return { answer, handoff: readHandoff(input.session.finishedSteps()) };
}

const NO_ANSWER: AgentAnswer = { text: "", calls: [], toolCalls: [] };
