import { crc32 } from "node:zlib";
import { tokenize } from "#domain/tokenize.ts";
import type { PassageInContext } from "#knowledge/split/context-text.ts";
import { wordTerms } from "./word-terms.ts";

/**
 * BM25: how fast a repeated word saturates, and how much length counts. Facts: k1 up to 2 helps
 * where texts are titled; 1.5 is safe everywhere.
 */
const K1 = 1.5;
const B = 0.75;

/** Words of a usual passage. A constant, so that a passage's weights never change; facts: flat from 60 to 150. */
const AVERAGE_WORDS = 100;

/** A word of the title or of a heading counts like three of the text (measured: +5 points of nDCG). */
const TITLE_WEIGHT = 3;

/** Ids are 1 … 999,999,937 (a prime), within the billion dimensions of the column. */
const TERM_IDS = 999_999_937;
const DIMENSIONS = 1_000_000_000;

/**
 * The lexical side of a passage: BM25 weights of its terms without the inverse document frequency,
 * which the search adds, as the text of a `sparsevec(1000000000)`.
 */
export function buildPassageTerms(passage: PassageInContext): string {
  const titles = new Set([passage.title, ...passage.headings]);
  const titleWords = [...titles].flatMap(tokenize);
  const words = [...repeat(titleWords, TITLE_WEIGHT), ...tokenize(passage.text)];
  const counts = new Map<number, { count: number; readonly weight: number }>();
  for (const { term, weight } of words.flatMap(wordTerms)) {
    const id = termId(term);
    const known = counts.get(id);
    if (known === undefined) counts.set(id, { count: 1, weight });
    else known.count += 1;
  }
  const saturation = K1 * (1 - B + (B * words.length) / AVERAGE_WORDS);
  const entries = [...counts]
    .toSorted(([first], [second]) => first - second)
    .map(([id, { count, weight }]) => {
      const value = (weight * count * (K1 + 1)) / (count + saturation);
      return `${id}:${value.toFixed(4)}`;
    });
  return `{${entries.join(",")}}/${DIMENSIONS}`;
}

/** The distinct ids of a question's terms, ascending; empty when it has no word. */
export function buildQuestionTerms(question: string): number[] {
  const ids = tokenize(question)
    .flatMap(wordTerms)
    .map(({ term }) => termId(term));
  return [...new Set(ids)].slice(0, TERMS_MAX).toSorted((first, second) => first - second);
}

/** A pasted page is no question: more terms than this cost time and find nothing better. */
const TERMS_MAX = 512;

function termId(term: string): number {
  return 1 + (crc32(term) % TERM_IDS);
}

function repeat<Item>(items: readonly Item[], times: number): Item[] {
  return Array.from({ length: times }, () => items).flat();
}
