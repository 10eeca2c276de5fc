/** All embeddings have this many dimensions: the database's columns and bits are made for it. */
export const EMBEDDING_DIMENSIONS = 1536;

/** Embeddings of some passages, in their order, and what they cost. */
export type EmbeddedPassages = {
  readonly vectors: readonly (readonly number[])[];
  /** As reported; estimated where the provider tells nothing. 0 for what costs nothing. */
  readonly tokens: number;
};

/** The embedding of a question. */
export type EmbeddedQuestion = { readonly vector: readonly number[]; readonly tokens: number };

/**
 * An embedding model by its name. Its failures are `AppError`s with a MODEL_ code, with
 * `retryAfterMs` where the provider said when to come back. All vectors have length 1.
 */
export type Embedding = {
  /** `provider:model`, as it is stored beside each passage. */
  readonly model: string;
  readonly dimensions: typeof EMBEDDING_DIMENSIONS;
  /** How many passages go out in one request: the most that is lost when a process dies. */
  readonly batchSize: number;
  /** Any number of texts, sent in as many requests as needed, one after the other. */
  readonly embedPassages: (
    texts: readonly string[],
    signal: AbortSignal,
  ) => Promise<EmbeddedPassages>;
  readonly embedQuestion: (text: string, signal: AbortSignal) => Promise<EmbeddedQuestion>;
};
