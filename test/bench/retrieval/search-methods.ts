import { buildQuestionTerms } from "#knowledge/lexical/build-terms.ts";
import { embeddingDefaults } from "#knowledge/search/embedding-defaults.ts";
import { retrieveKnowledge } from "#knowledge/search/retrieve-knowledge.ts";
import { asTenant } from "#store/as-tenant.ts";
import { findCandidatePassages } from "#store/knowledge-search.ts";
import { toDocuments, type Ranking, type Run } from "./evaluate.ts";
import type { Target } from "./load-collection.ts";
import type { Question } from "./read-collection.ts";

/** Production looks at as many passages; see CANDIDATES in retrieve-knowledge.ts. */
const LIMIT = 60;

/** A run of each method, and in how many questions something passes the model's threshold. */
export type Runs = {
  readonly lexical: Run;
  readonly vector: Run;
  readonly fused: Run;
  readonly passing: number;
  readonly fusedMs: readonly number[];
};

/** Asks all questions: by words alone, by vector alone, and as production does. */
export async function runMethods(
  target: Target,
  questions: readonly Question[],
  documentIds: ReadonlyMap<string, string>,
): Promise<Runs> {
  const [lexical, vector, fused] = [new Map(), new Map(), new Map()] as const;
  const { similarityThreshold } = embeddingDefaults(target.embedding.model);
  const fusedMs: number[] = [];
  let passing = 0;
  const toRanking = (passages: readonly { sourceId: string; score: number }[]): Ranking =>
    toDocuments(
      passages.map(({ sourceId, score }) => ({
        documentId: documentIds.get(sourceId) ?? "",
        score,
      })),
    );
  for (const { id, text } of questions) {
    lexical.set(id, toRanking(await searchByWords(target, text)));
    vector.set(id, toRanking(await searchByVector(target, text)));
    const start = performance.now();
    const found = await searchAsProduction(target, text);
    fusedMs.push(performance.now() - start);
    fused.set(id, toRanking(found.passages));
    if ((found.bestSimilarity ?? -1) >= similarityThreshold) passing += 1;
  }
  return { lexical, vector, fused, passing: passing / questions.length, fusedMs };
}

async function searchByWords({ database, organizationId, chatbotId }: Target, question: string) {
  const found = await asTenant(database.db, organizationId, (tenant) =>
    findCandidatePassages(tenant, chatbotId, {
      embedding: null,
      terms: buildQuestionTerms(question),
      limit: LIMIT,
    }),
  );
  return found.map(({ sourceId, lexical }) => ({ sourceId, score: lexical }));
}

async function searchByVector(target: Target, question: string) {
  const { database, organizationId, chatbotId, embedding } = target;
  const { vector } = await embedding.embedQuestion(question, new AbortController().signal);
  const found = await asTenant(database.db, organizationId, (tenant) =>
    findCandidatePassages(tenant, chatbotId, { embedding: vector, terms: [], limit: LIMIT }),
  );
  return found.map(({ sourceId, similarity }) => ({ sourceId, score: similarity ?? 0 }));
}

const NO_RERANKING = {
  rerankings: {
    get: () => {
      throw new Error("not measured");
    },
  },
  logger: { warn: () => {} },
};

/** The whole ranking: the threshold decides what is shown of it, not the order. */
function searchAsProduction(target: Target, question: string) {
  const { database, organizationId, chatbotId, embedding } = target;
  return retrieveKnowledge(
    { ...NO_RERANKING, db: database.db, embeddings: { get: () => embedding } },
    { organizationId, chatbotId, question, topK: LIMIT / 2, threshold: -1 },
    new AbortController().signal,
  );
}
