import type { AgentAnswer } from "#domain/conversation.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { HistoryRow } from "#store/turn-effects.ts";
import { describeSent } from "./reply/describe-sent.ts";
import type { SentMessage } from "./reply/send-reply.ts";
import type { Searches } from "./retrieval/read-searches.ts";

/** The answer as the history keeps it, once it is known under which ids it was sent. */
export type AnswerHistory = (sent: readonly SentMessage[]) => readonly HistoryRow[];

/**
 * Step 3b. What the history keeps of the answer: one row for each message of the reply, as the person
 * read it, with what it offered; with the first one, the tools that were called and the passages that
 * the model was given (document, page, similarity). The messages of the customer are there since they
 * were accepted. Commits with the turn.
 */
export function saveHistory(input: {
  readonly answer: AgentAnswer;
  readonly searches: Searches;
  readonly sentAt: string;
}): AnswerHistory {
  const toolCalls = [...input.answer.toolCalls];
  const passages = toPassages(input.searches);
  return (sent) =>
    sent.map((message, index) => {
      const described = describeSent(message.content);
      const found = index === 0 && passages.length > 0 ? { passages } : {};
      return {
        ...described,
        data: { ...described.data, ...found },
        whatsappMessageId: message.whatsappMessageId,
        toolCalls: index === 0 && toolCalls.length > 0 ? toolCalls : null,
        sentAt: input.sentAt,
      };
    });
}

/** Each passage once; its text stays in the document. */
function toPassages({ asked, early }: Searches): JsonValue[] {
  const found = [...(early === null ? [] : [early]), ...asked].flatMap(({ passages }) => passages);
  const byId = new Map(
    found.map(({ chunkId, sourceId, source, page, similarity }) => [
      chunkId,
      { chunkId, sourceId, source, page, similarity },
    ]),
  );
  return [...byId.values()];
}
