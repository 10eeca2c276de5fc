import { guessByWords } from "./guess-by-words.ts";
import { type ReadScript, readScript } from "./read-script.ts";
import { scoreLanguages } from "./score-languages.ts";

/** The language that a text seems to be written in. */
export type DetectedLanguage = {
  /** ISO 639-1; `hi-Latn` is Hindi or Urdu in Latin letters. `id` stands for Malay, too. */
  readonly language: string;
  /** Whether it says enough to believe it against what was known before. */
  readonly isSure: boolean;
};

/** A message of fewer words proves nothing: people say "ok" and "thanks" in languages of others. */
const SURE_WORDS = 3;
/** From so many words on a small lead is proof enough. */
const LONG_WORDS = 6;

/**
 * How far the best language must be ahead of the second, of scores between 0 and 1. Measured on messages
 * of customers in 25 languages, on names of products and on languages in foreign letters (docs/adr/0019):
 * at 0.05 most of the first are told and few of the others. Letters that few languages share need less.
 */
const LEAD_MIN = 0.05;
const SURE_LEAD = 0.1;
const FEW_LEAD_MIN = 0.06;
/** Below this the text has hardly a letter sequence of the language. */
const SCORE_MIN = 0.5;
/** Shorter Latin texts are in every language, or in none. */
const LETTERS_MIN = 6;

/**
 * The language of what somebody wrote; null when there is nothing to tell it from (an emoji, a number,
 * a product's name) or when several fit. A text of another script with English words in it is of the
 * other language. Takes about 0.03 ms; the first text that letters alone do not decide takes 0.2 s more,
 * which loads the statistics of languages (29 MB).
 */
export async function detectLanguage(text: string): Promise<DetectedLanguage | null> {
  const read = readScript(text);
  if (read === null) return null;
  const hasWords = read.words.length >= SURE_WORDS;
  const [only, second] = read.candidates;
  if (only !== undefined && second === undefined) return { language: only, isSure: hasWords };

  const byWords = guessByWords(read.words);
  if (byWords !== null) return { language: byWords, isSure: hasWords };
  if (read.script === "Latin" && (isName(read) || read.letters < LETTERS_MIN)) return null;
  return decide(read, await scoreLanguages(read.words.join(" "), read.candidates));
}

type Scored = Awaited<ReturnType<typeof scoreLanguages>>;

function decide(
  { script, words, candidates }: ReadScript,
  [best, second]: Scored,
): DetectedLanguage | null {
  if (script !== "Latin") {
    const lead = best === undefined ? 0 : best.score - (second?.score ?? 0);
    // Among few, the first is by far the most frequent, so that a draw is its.
    const language = lead < FEW_LEAD_MIN ? candidates[0] : best?.language;
    const isSure = words.length >= SURE_WORDS && lead >= FEW_LEAD_MIN;
    return language === undefined ? null : { language, isSure };
  }
  if (best === undefined || best.score < SCORE_MIN) return null;
  const lead = best.score - (second?.score ?? 0);
  if (lead < LEAD_MIN) return null;
  const isSure = words.length >= LONG_WORDS || (words.length >= SURE_WORDS && lead >= SURE_LEAD);
  return { language: best.language, isSure };
}

/** `Maria Silva`, `Nike Air Max`: no sentence, whose later words begin with small letters. */
function isName({ words }: ReadScript): boolean {
  return words.length > 1 && words.length <= 4 && words.every((word) => /^\p{Lu}/u.test(word));
}
