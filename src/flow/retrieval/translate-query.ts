import { translateQuestion, type TranslateQuestionDeps } from "#agent/translate-question.ts";
import type { Checkpoint } from "#domain/checkpoint.ts";
import type { ConversationContext, ModelCall } from "#domain/conversation.ts";
import { DEMO_MODEL_NAME } from "#providers/language-models/model-name.ts";

/** A question in the language of the documents; null: it is, or nobody could translate it. */
export type TranslatedQuery = {
  readonly text: string | null;
  readonly calls: readonly ModelCall[];
};

/**
 * Translates what a customer asks into the language that most of the documents are in, when none of them
 * is in the customer's own. A step of the turn: a resumed turn does not pay for it twice.
 */
export async function translateQuery(
  deps: TranslateQuestionDeps,
  turn: { readonly context: ConversationContext; readonly checkpoint: Checkpoint },
  query: { readonly text: string; readonly signal: AbortSignal },
): Promise<TranslatedQuery> {
  const { context, checkpoint } = turn;
  const { model } = context.chatbot;
  const into = foreignLanguage(context);
  // The demo model translates nothing.
  if (into === null || model === DEMO_MODEL_NAME) return { text: null, calls: [] };
  const { text, call } = await checkpoint("translate-0", () =>
    translateQuestion(deps, { model, question: query.text, into }, query.signal),
  );
  return { text, calls: call === null ? [] : [call] };
}

/** The documents' first language when the customer's is not among them; null too when one is unknown. */
function foreignLanguage({ language, chatbot }: ConversationContext): string | null {
  const [first] = chatbot.knowledgeLanguages;
  if (language === null || first === undefined) return null;
  return chatbot.knowledgeLanguages.includes(language) ? null : first;
}
