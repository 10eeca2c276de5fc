import type { ConversationContext } from "#domain/conversation.ts";
import { answerLanguage } from "#domain/language.ts";

/**
 * The language in which Parley itself speaks to the person of a turn; null: nobody can tell yet.
 * @param said the language of words that Parley knows by heart. English ones are used in every language,
 *   so they count only for people of whom nothing else is known.
 */
export function languageOf(
  { language, chatbot }: Pick<ConversationContext, "language" | "chatbot">,
  said: string | null = null,
): string | null {
  const written = said === "en" ? (language ?? said) : (said ?? language);
  return answerLanguage(written, chatbot.prompt.content.languages);
}
