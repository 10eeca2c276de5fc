import { estimateTokens } from "#domain/estimate-tokens.ts";
import { toStorableText } from "./to-storable-text.ts";

/** The densest text that `estimateTokens` knows has four characters to a token. */
const CHARACTERS_PER_TOKEN_MAX = 4;

/** The beginning of a text that costs a model about so many tokens at most. */
export function cutToTokens(
  text: string,
  tokensMax: number,
): { readonly text: string; readonly isCut: boolean } {
  const start = text.slice(0, tokensMax * CHARACTERS_PER_TOKEN_MAX);
  let [fits, tooLong] = [0, start.length + 1];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (estimateTokens(start.slice(0, middle)) <= tokensMax) fits = middle;
    else tooLong = middle;
  }
  const cut = toStorableText(start, fits);
  return { text: cut.text, isCut: cut.isCut || start.length < text.trimEnd().length };
}
