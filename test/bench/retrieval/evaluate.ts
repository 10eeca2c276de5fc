import type { Collection } from "./read-collection.ts";

/** Documents in the order in which a method found them for one question, with its scores. */
export type Ranking = readonly { readonly documentId: string; readonly score: number }[];

/** What a method found for each question. */
export type Run = ReadonlyMap<string, Ranking>;

/** Means over all questions. */
export type Quality = { readonly ndcg10: number; readonly recall5: number };

/**
 * nDCG of the first ten (gains are the judged scores, as trec_eval has it) and the share of the
 * relevant documents among the first five.
 */
export function evaluate({ questions, relevant }: Collection, run: Run): Quality {
  let [ndcg, recall] = [0, 0];
  for (const { id } of questions) {
    const gains = relevant.get(id) ?? new Map<string, number>();
    const found = (run.get(id) ?? []).map(({ documentId }) => gains.get(documentId) ?? 0);
    const best = [...gains.values()].toSorted((first, second) => second - first);
    ndcg += discounted(found) / discounted(best);
    recall += found.slice(0, 5).filter((gain) => gain > 0).length / gains.size;
  }
  return { ndcg10: ndcg / questions.length, recall5: recall / questions.length };
}

function discounted(gains: readonly number[]): number {
  return gains.slice(0, 10).reduce((sum, gain, place) => sum + gain / Math.log2(place + 2), 0);
}

/** Passages become documents: each has the score of its best passage. */
export function toDocuments(
  passages: readonly { readonly documentId: string; readonly score: number }[],
): Ranking {
  const best = new Map<string, number>();
  for (const { documentId, score } of passages) {
    best.set(documentId, Math.max(best.get(documentId) ?? -Infinity, score));
  }
  return [...best]
    .map(([documentId, score]) => ({ documentId, score }))
    .toSorted((first, second) => second.score - first.score);
}

/** A run in the format of TREC: question, Q0, document, place, score, name of the method. */
export function writeRun(run: Run, method: string): string {
  return [...run]
    .flatMap(([questionId, ranking]) =>
      ranking.map(
        ({ documentId, score }, place) =>
          `${questionId} Q0 ${documentId} ${place + 1} ${score.toFixed(6)} ${method}\n`,
      ),
    )
    .join("");
}
