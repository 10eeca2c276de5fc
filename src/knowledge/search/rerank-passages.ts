import { AppError } from "#domain/errors.ts";
import { contextText } from "#knowledge/split/context-text.ts";
import type { Logger } from "#platform/logger.ts";
import type { Reranking } from "#providers/reranking/reranking.ts";
import type { RankedPassage } from "./fuse-candidates.ts";

/** What re-ranking needs. */
export type RerankPassagesDeps = {
  readonly rerankings: { readonly get: (name: string) => Reranking };
  readonly logger: Pick<Logger, "warn">;
};

/** Passages in their best order, and what that cost; null: the order is as it was. */
export type RerankedPassages = {
  readonly passages: readonly RankedPassage[];
  readonly reranked: { readonly model: string; readonly tokens: number } | null;
};

/** Passages that are read: what is no better than the 30th of both ways of searching is seldom the best. */
const READ_MAX = 30;

/**
 * Lets the chatbot's re-ranking model, if it has one, put the best passages in order; their `score` is
 * what that model says. When it does not answer in time, the order stays.
 */
export async function rerankPassages(
  deps: RerankPassagesDeps,
  given: {
    readonly model: string | null;
    readonly question: string;
    readonly passages: readonly RankedPassage[];
    readonly topK: number;
  },
  signal: AbortSignal,
): Promise<RerankedPassages> {
  const { model, question, topK } = given;
  const passages = given.passages.slice(0, Math.max(READ_MAX, topK));
  if (model === null || passages.length < 2) return { passages: given.passages, reranked: null };
  const texts = passages.map(({ sourceName, headings, text }) =>
    contextText({ title: sourceName, headings, text }),
  );
  try {
    const { ranked, tokens } = await deps.rerankings.get(model).rank(question, texts, signal);
    const ordered = ranked.flatMap(({ index, relevance }) => {
      const passage = passages[index];
      return passage === undefined ? [] : [{ ...passage, score: relevance }];
    });
    const placed = new Set(ranked.map(({ index }) => index));
    const others = given.passages.filter((_, index) => !placed.has(index));
    return { passages: [...ordered, ...others], reranked: { model, tokens } };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    deps.logger.warn({ model, code: error.code }, "passages not re-ranked: their order stays");
    return { passages: given.passages, reranked: null };
  }
}
