import { tokenize } from "#domain/tokenize.ts";
import { HANDOFF_WORDS, type HandoffWords } from "./handoff-words.ts";

/** A wish for a person, and the language that it was worded in; null when the words do not tell. */
export type HumanWish = { readonly language: string | null };

/** Longer messages say more than that; the model reads them whole. */
const WORDS_MAX = 15;
/** So many words before a phrase a negation turns it round: "I don't want to talk to a person". */
const NEGATION_REACH = 4;

/**
 * Whether a message asks for a person, by words alone: nothing has to be understood, so it costs no
 * model call and works while models are away. Null when it does not.
 * @param keywords the business's own words and phrases, which count anywhere in a short message.
 */
export function asksForHuman(
  text: string,
  given: { readonly keywords: readonly string[]; readonly language: string | null },
): HumanWish | null {
  const words = toWords(withoutInterjection(text));
  if (words.length === 0 || words.length > WORDS_MAX) return null;
  const isKeyword = given.keywords.length > 0 && holds(words, toPhrases(given.keywords), new Set());
  if (!words.some((word) => WISH_BEGINNINGS.has(word)))
    return isKeyword ? { language: null } : null;
  const known = LANGUAGES.toSorted(
    ([one], [other]) => Number(other === given.language) - Number(one === given.language),
  );
  for (const [language, index] of known) {
    const asked = words.filter((word) => !index.courtesies.has(word)).join(" ");
    if (index.alone.has(asked) || holds(words, index.phrases, index.negations)) return { language };
  }
  return isKeyword ? { language: null } : null;
}

/** Whether a message says that an answer did not help. */
export function saysNotHelped(text: string): boolean {
  const words = toWords(text);
  if (!words.some((word) => COMPLAINT_BEGINNINGS.has(word))) return false;
  return LANGUAGES.some(([, { complaints }]) => holds(words, complaints, new Set()));
}

/** Whether the words hold one of the phrases, as whole words, and not denied. */
function holds(
  words: readonly string[],
  phrases: Phrases,
  negations: ReadonlySet<string>,
): boolean {
  return words.some((first, start) => {
    if (!phrases.firstWords.has(first)) return false;
    const reach = words.slice(Math.max(0, start - NEGATION_REACH), start);
    if (reach.some((word) => negations.has(word))) return false;
    return words
      .slice(start, start + PHRASE_WORDS_MAX)
      .some((_, length) => phrases.whole.has(words.slice(start, start + length + 1).join(" ")));
  });
}

const PHRASE_WORDS_MAX = 10;

/** "No, I want to talk to a person" denies something else. */
function withoutInterjection(text: string): string {
  return text.replace(/^\s*(no|nope|não|nao|nein|non|hayır|لا|नहीं|nahi)\s*[,.;:!…–-]+/iu, "");
}

/** Words in the form in which they are compared, whatever apostrophe and Turkish i was typed. */
function toWords(text: string): string[] {
  return tokenize(text.replaceAll(/[’‘`´]/gu, "'")).map((word) => word.replaceAll("ı", "i"));
}

/** Phrases to look for. By far the most words begin none, which is why nothing is joined for them. */
type Phrases = { readonly whole: ReadonlySet<string>; readonly firstWords: ReadonlySet<string> };

function toPhrases(phrases: readonly string[]): Phrases {
  const inWords = phrases.map(toWords);
  return {
    whole: new Set(inWords.map((words) => words.join(" "))),
    firstWords: new Set(inWords.flatMap(([first]) => first ?? [])),
  };
}

type WordIndex = {
  readonly alone: ReadonlySet<string>;
  readonly phrases: Phrases;
  readonly courtesies: ReadonlySet<string>;
  readonly negations: ReadonlySet<string>;
  readonly complaints: Phrases;
};

const LANGUAGES = Object.entries(HANDOFF_WORDS).map(
  ([language, words]): readonly [string, WordIndex] => [language, toIndex(words)],
);

/** Words with which a wish begins, in any language. Most messages hold none, which ends the search. */
const WISH_BEGINNINGS = new Set(
  LANGUAGES.flatMap(([, { alone, phrases }]) => [
    ...phrases.firstWords,
    ...Array.from(alone, (words) => words.split(" ", 1)[0] ?? words),
  ]),
);
const COMPLAINT_BEGINNINGS = new Set(
  LANGUAGES.flatMap(([, { complaints }]) => [...complaints.firstWords]),
);

function toIndex(words: HandoffWords): WordIndex {
  const set = (phrases: readonly string[]) =>
    new Set(phrases.map((phrase) => toWords(phrase).join(" ")));
  const pairs = words.beginnings.flatMap((beginning) =>
    words.ends.map((end) => `${beginning} ${end}`),
  );
  return {
    alone: set(words.alone),
    phrases: toPhrases([...pairs, ...words.phrases]),
    courtesies: set(words.courtesies),
    negations: set(words.negations),
    complaints: toPhrases(words.complaints),
  };
}
