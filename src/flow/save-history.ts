import type { AgentAnswer } from "#domain/conversation.ts";
import type { HistoryRow } from "#store/turn-effects.ts";
import type { SentMessage } from "./send-reply.ts";

/** The answer as the history keeps it, once it is known under which ids it was sent. */
export type AnswerHistory = (sent: readonly SentMessage[]) => readonly HistoryRow[];

/**
 * Step 3b. What the history keeps of the answer: one row for each message of the reply, as the person
 * read it. The messages of the customer are there since they were accepted. Commits with the turn.
 */
export function saveHistory(input: {
  readonly answer: AgentAnswer;
  readonly sentAt: string;
}): AnswerHistory {
  const toolCalls = [...input.answer.toolCalls];
  return (sent) =>
    sent.map((message, index) => ({
      type: "text",
      content: message.body,
      whatsappMessageId: message.whatsappMessageId,
      toolCalls: index === 0 && toolCalls.length > 0 ? toolCalls : null,
      sentAt: input.sentAt,
    }));
}
