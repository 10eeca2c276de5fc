/**
 * Combining marks that people leave out when they type: the Latin, Greek and Cyrillic accents, the
 * Arabic vowel signs, hamzas above and below, and the tatweel. Not all of `\p{M}`: that would
 * destroy the vowels of Thai and Devanagari.
 */
const OMITTED_MARKS = /[\u0300-\u036f\u064b-\u0655\u0640]/gu;

const ASCII = /^\p{ASCII}*$/u;

/**
 * A word of lower-case ASCII by the rules of Unicode (UAX 29), which the segmenter follows at six times
 * the cost: a sign inside a word or a number belongs to it, as in `don't` and `3.50`.
 */
const ASCII_WORD =
  /[a-z0-9_]+(?:(?:(?<=[a-z])['.:](?=[a-z])|(?<=[0-9])[,;.'](?=[0-9]))[a-z0-9_]+)*/g;
/** The segmenter takes a lone underscore for a sign, and more of them for a word. */
const HAS_WORD = /[a-z0-9]|__/;

const words = new Intl.Segmenter("und", { granularity: "word" });

/**
 * The words of a text in the form in which they are compared: compatibility forms unified, lower
 * case, without the marks that people omit. Works for languages without spaces, such as Japanese
 * and Thai. The order is kept; marks and emoji are dropped.
 */
export function tokenize(text: string): string[] {
  if (ASCII.test(text))
    return (text.toLowerCase().match(ASCII_WORD) ?? []).filter((word) => HAS_WORD.test(word));
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
