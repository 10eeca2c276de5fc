import { LOCAL_EMBEDDING_NAME } from "#providers/embeddings/embedding-name.ts";

/**
 * How the ways of searching are joined. `score`: the scores themselves, each divided by the best
 * (a cosine is taken as it is), so that a clear winner stays one. `rank`: reciprocal ranks, for scores
 * whose scale nobody knows.
 */
export type Fusion = {
  readonly kind: "score" | "rank";
  readonly vectorWeight: number;
  readonly lexicalWeight: number;
  /** Of the letters that question and passage share, which forgive misspelling. */
  readonly lettersWeight: number;
};

/** What goes with an embedding model when the chatbot says nothing else. */
export type EmbeddingDefaults = {
  /** Cosine below which a passage is off topic. */
  readonly similarityThreshold: number;
  readonly fusion: Fusion;
};

/**
 * Where similarity does not mean meaning, words decide; the weights were tuned on 25 collections in
 * 17 languages (docs/adr/0014).
 */
const WORDS_FIRST: Fusion = {
  kind: "score",
  vectorWeight: 0.1,
  lexicalWeight: 1,
  lettersWeight: 0.2,
};

/** Two witnesses of equal weight: the usual start with a real model; facts/rag section 7, not measured here. */
const EQUAL_RANKS: Fusion = {
  kind: "rank",
  vectorWeight: 1,
  lexicalWeight: 1,
  lettersWeight: 0,
};

const DEFAULTS: Readonly<Record<string, EmbeddingDefaults>> = {
  // Cosine falls with a passage's length here, so only what is plainly off topic can be told. Measured
  // with passages of up to 1,000 characters: keeps 87 to 100 of 100 real questions of four collections,
  // where 0.2 kept 44 to 94. Of questions in another language 4 to 35 pass, of those about another
  // subject in the same language half and more: whether an answer is there is left to the model.
  [LOCAL_EMBEDDING_NAME]: { similarityThreshold: 0.1, fusion: WORDS_FIRST },
  // As specified. Its scores lie between .7 and .9 whatever is compared, so it lets nearly all through.
  "openai:text-embedding-ada-002": { similarityThreshold: 0.7, fusion: EQUAL_RANKS },
  // Good hits score .45 to .6, unrelated texts below .25 (reports of users; facts/rag, section 7).
  "openai:text-embedding-3-small": { similarityThreshold: 0.3, fusion: EQUAL_RANKS },
  // No range is published; reports speak of .5 and more for anything related. Calibrate.
  "google:gemini-embedding-001": { similarityThreshold: 0.5, fusion: EQUAL_RANKS },
};

/** For a model that nobody has measured: let pass what is not plainly off topic, until calibrated. */
const UNKNOWN_MODEL: EmbeddingDefaults = { similarityThreshold: 0.3, fusion: EQUAL_RANKS };

/** Threshold and fusion that go with an embedding model. */
export function embeddingDefaults(model: string): EmbeddingDefaults {
  return DEFAULTS[model] ?? UNKNOWN_MODEL;
}
