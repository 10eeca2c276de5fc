/** Scripts whose characters cost models about one token each: CJK, kana, Hangul syllables. */
const DENSE_CHARACTERS = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]/gu;

/** English prose on current tokenizers: about four characters a token (OpenAI's own rule). */
const CHARACTERS_PER_TOKEN = 4;

/**
 * How many tokens a model will count for this text, roughly: one per CJK character, one per four
 * of the others. An estimate, for budgets and for providers that report no usage; never a bill
 * when the provider told the number.
 */
export function estimateTokens(text: string): number {
  const dense = text.match(DENSE_CHARACTERS)?.length ?? 0;
  return dense + Math.ceil((text.length - dense) / CHARACTERS_PER_TOKEN);
}
