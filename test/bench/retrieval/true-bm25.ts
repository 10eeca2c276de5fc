import { tokenize } from "#domain/tokenize.ts";
import { wordTerms } from "../../../src/knowledge/lexical/word-terms.ts";
import { toDocuments, type Run } from "./evaluate.ts";
import type { Collection, Document } from "./read-collection.ts";

const K1 = 1.5;
const B = 0.75;
const TITLE_WEIGHT = 3;

/** How a text becomes terms, and how much a match of each counts. */
type Analyzer = (text: string) => readonly { readonly term: string; readonly weight: number }[];

/** Whole words, as a textbook has it. */
export const plainWords: Analyzer = (text) => tokenize(text).map((term) => ({ term, weight: 1 }));

/** The terms of production: what the database's approximations are held against. */
export const productionTerms: Analyzer = (text) => tokenize(text).flatMap(wordTerms);

/**
 * BM25 in memory over whole documents, with exact lengths and frequencies and titles counted three
 * times: what the database's passages, constant mean length and rounded weights are compared with.
 */
export function runTrueBm25({ documents, questions }: Collection, analyze: Analyzer): Run {
  const counted = documents.map((document) => countTerms(document, analyze));
  const lengthMean = counted.reduce((sum, { length }) => sum + length, 0) / counted.length;
  const postings = new Map<string, { readonly index: number; readonly weight: number }[]>();
  counted.forEach(({ counts, length }, index) => {
    for (const [term, count] of counts) {
      const weight = (count * (K1 + 1)) / (count + K1 * (1 - B + (B * length) / lengthMean));
      const known = postings.get(term);
      if (known === undefined) postings.set(term, [{ index, weight }]);
      else known.push({ index, weight });
    }
  });
  return new Map(
    questions.map(({ id, text }) => {
      const scores = new Map<number, number>();
      const terms = new Map(analyze(text).map(({ term, weight }) => [term, weight]));
      for (const [term, termWeight] of terms) {
        const found = postings.get(term) ?? [];
        const rarity = Math.log(1 + (documents.length - found.length + 0.5) / (found.length + 0.5));
        for (const { index, weight } of found) {
          scores.set(index, (scores.get(index) ?? 0) + termWeight * rarity * weight);
        }
      }
      const ranking = toDocuments(
        [...scores].map(([index, score]) => ({ documentId: documents[index]?.id ?? "", score })),
      );
      return [id, ranking];
    }),
  );
}

function countTerms({ title, text }: Document, analyze: Analyzer) {
  const terms = [
    ...Array.from({ length: TITLE_WEIGHT }, () => analyze(title)).flat(),
    ...analyze(text),
  ];
  const counts = new Map<string, number>();
  for (const { term } of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return { counts, length: TITLE_WEIGHT * tokenize(title).length + tokenize(text).length };
}
