import type { ConversationContext } from "#domain/conversation.ts";
import type { ConversationNotice } from "#domain/handoff.ts";
import { answerLanguage } from "#domain/language.ts";
import { type HandoffSentence, handoffSentence } from "./handoff-sentences.ts";
import { mayWriteFirst } from "./may-write-first.ts";

/**
 * What the person is told of the notices of a turn, each sentence once, in their language. Leaves out
 * what is not true any more, and what the person does not want to be told or WhatsApp does not let through.
 */
export function tellNotices(context: ConversationContext, now: Date): readonly string[] {
  const isAllowed = mayWriteFirst(context, now) === "allowed";
  const names = isAllowed ? context.notices.map((notice) => sentenceOf(notice, context)) : [];
  const language = answerLanguage(context.language, context.chatbot.prompt.content.languages);
  const told = new Set(names.filter((name) => name !== null));
  return [...told].map((name) => handoffSentence(name, language));
}

function sentenceOf(
  notice: ConversationNotice,
  { isPaused }: Pick<ConversationContext, "isPaused">,
): HandoffSentence | null {
  switch (notice.notice) {
    case "handed over":
      return isPaused ? "handedOver" : null;
    case "back":
      return isPaused || !notice.tells ? null : sentenceOfReturn(notice.way);
  }
}

function sentenceOfReturn(
  way: Extract<ConversationNotice, { notice: "back" }>["way"],
): HandoffSentence {
  switch (way) {
    case "nobody came":
      return "nobodyCame";
    case "closed":
      return "closed";
    case "timeout":
    case "resumed":
      return "back";
  }
}
