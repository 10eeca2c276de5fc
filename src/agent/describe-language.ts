import type { ConversationContext } from "#domain/conversation.ts";
import { answerLanguage, languageName, languageNames } from "#domain/language.ts";

/**
 * Which language to answer in, by name; empty where the customer's own is as good as any. Stands last
 * in the instructions: it stays the same as long as the customer does not change it. Pure.
 */
export function describeLanguage({ language, chatbot }: ConversationContext): string {
  const { languages } = chatbot.prompt.content;
  const answered = answerLanguage(language, languages);
  const limits = `The business answers in ${languageNames(languages)} only`;
  if (answered === null) {
    const [first] = languages;
    if (first === undefined) return "";
    return `${limits}: in ${languageName(first)} when the customer writes in another language.`;
  }
  const name = languageName(answered);
  if (answered !== language)
    return `${limits}. Answer in ${name}, whatever the customer writes in.`;
  const seen = `The customer writes in ${name}: answer in ${name}`;
  return languages.length === 0
    ? `${seen}, unless the latest messages are plainly in another language.`
    : `${seen}. ${limits}.`;
}
