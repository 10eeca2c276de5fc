import type { HistoryEntry } from "#domain/conversation.ts";
import { tokenize } from "#domain/tokenize.ts";

/** Fewer words are mostly thanks and greetings, and an answer to those an hour later is odd. */
const WORDS_MIN = 4;

/**
 * Whether what was written to a colleague, and left without an answer, is still worth one of the bot:
 * something asks, says more than a courtesy, or shows something.
 */
export function deserveLateAnswer(
  messages: readonly Pick<HistoryEntry, "type" | "text">[],
): boolean {
  return messages.some(
    ({ type, text }) =>
      type !== "text" || /[?？؟]/u.test(text) || tokenize(text).length >= WORDS_MIN,
  );
}
