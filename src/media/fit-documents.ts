import type { ConversationContext, HistoryEntry } from "#domain/conversation.ts";
import { estimateTokens } from "#domain/estimate-tokens.ts";
import { cutToTokens } from "./cut-to-tokens.ts";
import { DOCUMENT_TOKENS_MAX } from "./media-limits.ts";

/**
 * The context with no more text of customers' documents than a model is given in one turn: the newest
 * ones, the last of them cut. They have a budget of their own, beside that of the history, so that
 * questions about a document can follow it.
 */
export function fitDocuments<Context extends Pick<ConversationContext, "history" | "incoming">>(
  context: Context,
  tokensMax: number = DOCUMENT_TOKENS_MAX,
): Context {
  let tokensLeft = tokensMax;
  const fit = (entry: HistoryEntry): HistoryEntry => {
    const { media } = entry;
    if (media?.kind !== "document" || media.text === null) return entry;
    const { text, isCut } = cutToTokens(media.text, tokensLeft);
    tokensLeft -= estimateTokens(text);
    return {
      ...entry,
      media: { ...media, text: text === "" ? null : text, isCut: isCut || media.isCut },
    };
  };
  const newestFirst = [...context.history, ...context.incoming].toReversed().map(fit);
  const entries = newestFirst.toReversed();
  return {
    ...context,
    history: entries.slice(0, context.history.length),
    incoming: entries.slice(context.history.length),
  };
}
