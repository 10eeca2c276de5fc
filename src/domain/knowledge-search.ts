import { z } from "zod";

/** A passage of the chatbot's documents, as the model reads it and as the history keeps where it is from. */
export const FoundPassage = z.object({
  chunkId: z.string(),
  sourceId: z.string(),
  /** Name of the document. */
  source: z.string(),
  page: z.number().nullable(),
  /** Cosine to the question, from -1 to 1; null when only words were compared. */
  similarity: z.number().nullable(),
  text: z.string(),
});
export type FoundPassage = z.infer<typeof FoundPassage>;

/** One search in the documents: a step of the turn, and what the model is told. */
export const KnowledgeSearch = z.object({
  query: z.string(),
  /** The query in the language of the documents, which was searched for too; null: none was needed. */
  translation: z.string().nullable().default(null),
  passages: z.array(FoundPassage),
  /** Of everything that was looked at; null when there was nothing. */
  bestSimilarity: z.number().nullable(),
  /** What embedding the question cost; null when nothing was embedded. */
  embedded: z.object({ model: z.string(), tokens: z.number() }).nullable(),
  /** What re-ranking cost; null when the chatbot has no model for it, or that did not answer. */
  reranked: z.object({ model: z.string(), tokens: z.number() }).nullable().default(null),
  /** Tells the model what to make of it. */
  note: z.string(),
});
export type KnowledgeSearch = z.infer<typeof KnowledgeSearch>;
