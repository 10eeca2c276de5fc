import { sql } from "kysely";
import { z } from "zod";
import type { ChatbotId } from "#domain/ids.ts";
import type { TenantDatabase } from "./as-tenant.ts";

/** How a chatbot searches; null: what goes with its embedding model. */
const SearchSettings = z.object({
  /** Null: nothing is embedded yet. */
  embeddingModel: z.string().nullable(),
  similarityThreshold: z.number().nullable(),
  passagesMax: z.number(),
  /** Null: none. */
  rerankingModel: z.string().nullable(),
});
/** See the schema of this name. */
export type SearchSettings = z.infer<typeof SearchSettings>;

/** The search settings of a chatbot; null when there is no such chatbot. */
export async function findSearchSettings(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
): Promise<SearchSettings | null> {
  const { rows } = await sql`
    select embedding_model as "embeddingModel", similarity_threshold as "similarityThreshold",
      passages_max as "passagesMax", settings ->> 'rerankingModel' as "rerankingModel"
    from chatbots where id = ${chatbotId}`.execute(tenant);
  return rows[0] === undefined ? null : SearchSettings.parse(rows[0]);
}

/** A passage that one of the two ways of searching has found. */
const CandidatePassage = z.object({
  /** A bigint, which PostgreSQL's driver gives as text. */
  chunkId: z.string(),
  sourceId: z.string(),
  sourceName: z.string(),
  text: z.string(),
  page: z.number().nullable(),
  /** The headings above it, outermost first. */
  headings: z.array(z.string()),
  /** Cosine to the question; null without an embedding of it. */
  similarity: z.number().nullable(),
  /** BM25 score; 0 when it is not among the best by words. */
  lexical: z.number(),
});
/** See the schema of this name. */
export type CandidatePassage = z.infer<typeof CandidatePassage>;

/** What is looked for: the same question twice, as a vector and as terms. */
export type KnowledgeQuery = {
  /** Null: by words alone. */
  readonly embedding: readonly number[] | null;
  readonly terms: readonly number[];
  /** How many passages to return at most, about half of them from each way of searching. */
  readonly limit: number;
};

/** The best passages of a chatbot by words and by vector, in no order that means much: fuse them. */
export async function findCandidatePassages(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
  query: KnowledgeQuery,
): Promise<readonly CandidatePassage[]> {
  const embedding = query.embedding === null ? null : JSON.stringify(query.embedding);
  const { rows } = await sql`
    select id::text as "chunkId", source_id as "sourceId", source_name as "sourceName", content as text,
      page, headings, similarity, lexical
    from search_knowledge(${chatbotId}, ${embedding}::vector(1536), ${[...query.terms]}::integer[], ${query.limit})`.execute(
    tenant,
  );
  return rows.map((row) => CandidatePassage.parse(row));
}
