import type { ConversationContext } from "#domain/conversation.ts";
import type { ConversationNotice } from "#domain/handoff.ts";
import { languageOf } from "#flow/language-of.ts";
import { sentence, type SentenceName } from "#language/sentences.ts";
import { isWindowOpen, mayWriteFirst } from "./may-write-first.ts";

/**
 * What the person is told of the notices of a turn, each sentence once, in their language. Leaves out
 * what is not true any more, and what the person does not want to be told or WhatsApp does not let through.
 */
export function tellNotices(context: ConversationContext, now: Date): readonly string[] {
  if (!isWindowOpen({ ...context, now })) return [];
  const mayTell = mayWriteFirst(context.contact, { ...context, now }) === "allowed";
  const names = context.notices.map((notice) => sentenceOf(notice, { ...context, mayTell }));
  const told = new Set(names.filter((name) => name !== null));
  const language = languageOf(context, languageOfWords(context.notices));
  return [...told].map((name) => sentence(name, language));
}

function sentenceOf(
  notice: ConversationNotice,
  as: Pick<ConversationContext, "isPaused" | "contact"> & { readonly mayTell: boolean },
): SentenceName | null {
  switch (notice.notice) {
    case "handed over":
      return as.isPaused && as.mayTell ? "handedOver" : null;
    case "back":
      return as.isPaused || !as.mayTell || !notice.tells ? null : sentenceOfReturn(notice.way);
    // These two answer what the person wrote.
    case "opted out":
      return as.contact.isOptedOut ? "optedOut" : null;
    case "opted in":
      return as.contact.isOptedOut ? null : "optedIn";
  }
}

/** The language of the word that somebody opted out or in with, of whom nothing else is known. */
function languageOfWords(notices: readonly ConversationNotice[]): string | null {
  return notices.reduce<string | null>(
    (language, notice) => ("language" in notice ? notice.language : null) ?? language,
    null,
  );
}

function sentenceOfReturn(
  way: Extract<ConversationNotice, { notice: "back" }>["way"],
): SentenceName {
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
