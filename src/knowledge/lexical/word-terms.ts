/** What a word is found by: a term, and how much a match of it counts. */
export type WordTerm = { readonly term: string; readonly weight: number };

/**
 * Letters of a word's beginning that stand for all its forms. With the whole word beside it, on average
 * better than Snowball's stemmers on 25 collections in 17 languages (docs/adr/0014), with no dictionary,
 * no guess of the language, and so no question whose words are cut differently from the document's.
 */
const PREFIX_LETTERS = 5;

/** The whole word counts half beside its beginning, so that the exact form comes first. */
const WHOLE_WORD_WEIGHT = 0.5;

/** Words of up to three letters are mostly articles and the like: they count less, but are kept. */
const SHORT_WORD_LETTERS = 3;
const SHORT_WORD_WEIGHT = 0.7;

/** Scripts whose words are short and not inflected: Han, kana, Thai, Lao, Khmer, Burmese. */
const UNINFLECTED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const HANGUL = /^\p{Script=Hangul}+$/u;
const ARABIC = /^\p{Script=Arabic}+$/u;
const DIGIT = /\p{N}/u;

/** The terms of one word of `tokenize`. */
export function wordTerms(word: string): WordTerm[] {
  if (UNINFLECTED.test(word)) return [{ term: word, weight: 1 + WHOLE_WORD_WEIGHT }];
  if (HANGUL.test(word)) return hangulTerms(word);
  const stem = ARABIC.test(word) ? stripArabicAffixes(word) : word;
  const letters = Array.from(stem);
  const prefix = letters.slice(0, PREFIX_LETTERS).join("");
  const weight = letters.length <= SHORT_WORD_LETTERS && !DIGIT.test(word) ? SHORT_WORD_WEIGHT : 1;
  if (prefix === word) return [{ term: word, weight: weight * (1 + WHOLE_WORD_WEIGHT) }];
  return [
    { term: prefix, weight },
    { term: `=${word}`, weight: weight * WHOLE_WORD_WEIGHT },
  ];
}

/**
 * Korean hangs particles to its words, and a word is two to four syllables: pairs of syllables find
 * the word under each of them.
 */
function hangulTerms(word: string): WordTerm[] {
  const syllables = Array.from(word);
  if (syllables.length < 3) return [{ term: word, weight: 1 + WHOLE_WORD_WEIGHT }];
  const pairs = syllables.slice(1).map((syllable, index) => `${syllables[index]}${syllable}`);
  return [
    ...pairs.map((term) => ({ term, weight: 1 })),
    { term: `=${word}`, weight: WHOLE_WORD_WEIGHT },
  ];
}

/**
 * Arabic writes article, "and", "in", "for" on the front of a word and endings on its back. The rules
 * of the stemmer "light10" (Larkey, Ballesteros, Connell 2007), which leaves at least two letters.
 */
function stripArabicAffixes(word: string): string {
  const unified = word.replaceAll("\u0649", "\u064a").replaceAll("\u0629", "\u0647");
  const withoutAnd = unified.length > 4 ? unified.replace(/^\u0648/u, "") : unified;
  const withoutArticle = withoutAnd.replace(ARABIC_PREFIX, (prefix) =>
    withoutAnd.length - prefix.length >= 2 ? "" : prefix,
  );
  let stem = withoutArticle;
  for (const suffix of ARABIC_SUFFIXES) {
    if (stem.endsWith(suffix) && stem.length - suffix.length >= 2) {
      stem = stem.slice(0, -suffix.length);
    }
  }
  return stem;
}

/** al-, wal-, bal-, kal-, fal-, lil-. */
const ARABIC_PREFIX = /^(?:[\u0648\u0628\u0643\u0641]?\u0627\u0644|\u0644\u0644)/u;

/** -ha, -an, -at, -un, -in, -ih, -iyya, -h, -i, each taken off once, in this order. */
const ARABIC_SUFFIXES = [
  "\u0647\u0627",
  "\u0627\u0646",
  "\u0627\u062a",
  "\u0648\u0646",
  "\u064a\u0646",
  "\u064a\u0647",
  "\u0647",
  "\u064a",
];
