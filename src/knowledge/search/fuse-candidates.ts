import type { CandidatePassage } from "#store/knowledge-search.ts";
import type { Fusion } from "./embedding-defaults.ts";
import { letterOverlap } from "./letter-overlap.ts";

/** A candidate with its place among the others. */
export type RankedPassage = CandidatePassage & {
  /** Orders the passages of one question; no measure of confidence, which `similarity` is. */
  readonly score: number;
};

/** Constant of reciprocal rank fusion; facts: anything from 1 to 200 does as well. */
const RANK_OFFSET = 60;

/** Joins what words, vectors and letters say of the candidates, and puts the best first. */
export function fuseCandidates(
  question: string,
  candidates: readonly CandidatePassage[],
  fusion: Fusion,
): RankedPassage[] {
  const words = candidates.map(({ lexical }) => lexical);
  const vectors = candidates.map(({ similarity }) => Math.max(0, similarity ?? 0));
  const letters =
    fusion.lettersWeight === 0
      ? words.map(() => 0)
      : letterOverlap(question, candidates.map(toText));
  const isByRank = fusion.kind === "rank";
  const parts = [
    {
      weight: fusion.lexicalWeight,
      scores: isByRank ? toRankScores(words) : relativeToBest(words),
    },
    { weight: fusion.vectorWeight, scores: isByRank ? toRankScores(vectors) : vectors },
    {
      weight: fusion.lettersWeight,
      scores: isByRank ? toRankScores(letters) : relativeToBest(letters),
    },
  ];
  return candidates
    .map((candidate, index) => {
      const sum = parts.reduce(
        (total, { weight, scores }) => total + weight * (scores[index] ?? 0),
        0,
      );
      return { ...candidate, score: sum };
    })
    .toSorted((first, second) => second.score - first.score || compareIds(first, second));
}

/** What is above a passage says what it is about; measured: three times does best, as for words. */
const TITLE_WEIGHT = 3;

function toText({ sourceName, headings, text }: CandidatePassage): string {
  const above = [...new Set([sourceName, ...headings])].join("\n");
  return [...Array.from({ length: TITLE_WEIGHT }, () => above), text].join("\n");
}

function relativeToBest(scores: readonly number[]): number[] {
  const best = Math.max(...scores, 0) || 1;
  return scores.map((score) => score / best);
}

/** 1 / (60 + place); nothing for what was not found at all. */
function toRankScores(scores: readonly number[]): number[] {
  const order = scores.map((score, index) => ({ score, index }));
  order.sort((first, second) => second.score - first.score || first.index - second.index);
  const ranked = scores.map(() => 0);
  order.forEach(({ score, index }, place) => {
    if (score > 0) ranked[index] = 1 / (RANK_OFFSET + place + 1);
  });
  return ranked;
}

/** The older passage first, so that the same question finds the same. Ids are whole numbers as text. */
function compareIds(first: CandidatePassage, second: CandidatePassage): number {
  return first.chunkId.length - second.chunkId.length || (first.chunkId < second.chunkId ? -1 : 1);
}
