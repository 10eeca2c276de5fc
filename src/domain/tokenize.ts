/**
 * Combining marks that people leave out when they type: the Latin, Greek and Cyrillic accents, the
 * Arabic vowel signs, hamzas above and below, and the tatweel. Not all of `\p{M}`: that would
 * destroy the vowels of Thai and Devanagari.
 */
const OMITTED_MARKS = /[\u0300-\u036f\u064b-\u0655\u0640]/gu;

const words = new Intl.Segmenter("und", { granularity: "word" });

/**
 * The words of a text in the form in which they are compared: compatibility forms unified, lower
 * case, without the marks that people omit. Works for languages without spaces, such as Japanese
 * and Thai. The order is kept; marks and emoji are dropped.
 */
export function tokenize(text: string): string[] {
  const tokens: string[] = [];
  for (const { segment, isWordLike } of words.segment(foldText(text))) {
    if (isWordLike === true) tokens.push(segment);
  }
  return tokens;
}

/** The text with what makes no difference to a reader in a hurry made equal: case, width, accents. */
export function foldText(text: string): string {
  const folded = text.normalize("NFKC").toLowerCase().normalize("NFD");
  return folded.replace(OMITTED_MARKS, "").normalize("NFC");
}
