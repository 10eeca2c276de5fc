/** A passage's place in the answer of a re-ranking model. */
export type RankedIndex = {
  /** Which of the passages that were sent, counted from 0. */
  readonly index: number;
  /** Compares passages of one question only; most models answer 0 to 1. */
  readonly relevance: number;
};

/** Passages in the order of a re-ranking model, and what that cost. */
export type Ranking = {
  /** The best first; each passage at most once. */
  readonly ranked: readonly RankedIndex[];
  /** As reported; 0 where a provider counts searches, of which one call is one, instead of tokens. */
  readonly tokens: number;
};

/**
 * A re-ranking model by its name: reads a question and each passage together, which tells more than
 * comparing their vectors. Its failures are `AppError`s with a MODEL_ code.
 */
export type Reranking = {
  /** `provider:model`, as it is logged. */
  readonly model: string;
  readonly rank: (
    question: string,
    passages: readonly string[],
    signal: AbortSignal,
  ) => Promise<Ranking>;
};
