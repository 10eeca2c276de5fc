import type { ConversationContext } from "#domain/conversation.ts";
import { answerLanguage } from "#domain/language.ts";

/** The language in which Parley itself speaks to the person of a turn; null: nobody can tell yet. */
export function languageOf({ language, chatbot }: ConversationContext): string | null {
  return answerLanguage(language, chatbot.prompt.content.languages);
}
