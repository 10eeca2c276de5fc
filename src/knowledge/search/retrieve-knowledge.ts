import { AppError } from "#domain/errors.ts";
import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import { buildQuestionTerms } from "#knowledge/lexical/build-terms.ts";
import type { Embedding } from "#providers/embeddings/embedding.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import {
  type CandidatePassage,
  findCandidatePassages,
  findSearchSettings,
} from "#store/knowledge-search.ts";
import { dropNearDuplicates } from "./drop-near-duplicates.ts";
import { embeddingDefaults } from "./embedding-defaults.ts";
import { fuseCandidates } from "./fuse-candidates.ts";
import type { RankedPassage } from "./fuse-candidates.ts";
import { mergeCandidates } from "./merge-candidates.ts";
import { rerankPassages, type RerankPassagesDeps } from "./rerank-passages.ts";

/** What retrieval needs. */
export type RetrieveKnowledgeDeps = RerankPassagesDeps & {
  readonly db: AppDatabase;
  /** The platform's embeddings, or those with the organization's own keys. */
  readonly embeddings: { readonly get: (name: string) => Embedding };
};

/** A question to a chatbot's knowledge. */
export type KnowledgeQuestion = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  readonly question: string;
  /** The question in the language of the documents, if it is in another: both are searched. */
  readonly translation?: string | null;
  /** Passages at most; the chatbot's own setting when absent. */
  readonly topK?: number;
  /** Cosine below which a passage is off topic; absent: the chatbot's, or what goes with its model. */
  readonly threshold?: number;
};

/** What was found, best first. */
export type RetrievedKnowledge = {
  readonly passages: readonly RankedPassage[];
  /** Of all that was looked at, below the threshold or not; null when nothing was. */
  readonly bestSimilarity: number | null;
  /** The threshold that was applied; null when it could not be, without an embedding. */
  readonly threshold: number | null;
  /** What the question's embedding cost; null when there was none. */
  readonly embedded: { readonly model: string; readonly tokens: number } | null;
  /** What re-ranking cost; null when the chatbot has no model for it, or that did not answer. */
  readonly reranked: { readonly model: string; readonly tokens: number } | null;
};

/** Passages looked at for one answer: enough for any `topK`, and for near duplicates among them. */
const CANDIDATES = 60;

const NOTHING: RetrievedKnowledge = {
  passages: [],
  bestSimilarity: null,
  threshold: null,
  embedded: null,
  reranked: null,
};

/**
 * The passages of a chatbot's documents that answer a question: found by words and by vector,
 * fused as it measures best for the embedding model, without near duplicates and without what is
 * off topic; the chatbot's re-ranking model, if it has one, orders the best. When the embedding model is out of reach, words alone decide, and no threshold can.
 * @throws AppError NOT_FOUND for a chatbot that is none of the organization's.
 */
export async function retrieveKnowledge(
  deps: RetrieveKnowledgeDeps,
  question: KnowledgeQuestion,
  signal: AbortSignal,
): Promise<RetrievedKnowledge> {
  const { organizationId, chatbotId } = question;
  const settings = await asTenant(deps.db, organizationId, (tenant) =>
    findSearchSettings(tenant, chatbotId),
  );
  if (settings === null) throw new AppError("NOT_FOUND", "There is no such chatbot");
  if (settings.embeddingModel === null) return NOTHING;

  const defaults = embeddingDefaults(settings.embeddingModel);
  const topK = question.topK ?? settings.passagesMax;
  const texts = [question.question, ...(question.translation ? [question.translation] : [])];
  const asked = { ...question, model: settings.embeddingModel };
  const embedded = await Promise.all(
    texts.map((text) => embedQuestion(deps, { ...asked, question: text }, signal)),
  );
  const candidates = await asTenant(deps.db, organizationId, async (tenant) => {
    const found: (readonly CandidatePassage[])[] = [];
    for (const [index, text] of texts.entries())
      found.push(
        await findCandidatePassages(tenant, chatbotId, {
          embedding: embedded[index]?.vector ?? null,
          terms: buildQuestionTerms(text),
          limit: Math.max(CANDIDATES, 2 * topK),
        }),
      );
    return mergeCandidates(found);
  });
  const ranked = fuseCandidates(texts.join("\n"), candidates, defaults.fusion);
  const threshold =
    question.threshold ?? settings.similarityThreshold ?? defaults.similarityThreshold;
  const onTopic = ranked.filter(({ similarity }) => similarity === null || similarity >= threshold);
  const best = await rerankPassages(
    deps,
    // in the language of the passages, since not every such model knows several
    { model: settings.rerankingModel, question: texts.at(-1) ?? "", passages: onTopic, topK },
    signal,
  );
  const bill = embedded.filter((part) => part !== null);
  const similarities = ranked.flatMap(({ similarity }) => similarity ?? []);
  return {
    passages: dropNearDuplicates(best.passages, topK),
    bestSimilarity: similarities.length === 0 ? null : Math.max(...similarities),
    threshold: bill.length === 0 ? null : threshold,
    embedded:
      bill.length === 0
        ? null
        : { model: asked.model, tokens: bill.reduce((sum, { tokens }) => sum + tokens, 0) },
    reranked: best.reranked,
  };
}

/** Null when the provider is out of reach: an answer from words is better than none. */
async function embedQuestion(
  deps: RetrieveKnowledgeDeps,
  question: KnowledgeQuestion & { readonly model: string },
  signal: AbortSignal,
): Promise<{ vector: readonly number[]; tokens: number } | null> {
  const { organizationId, chatbotId, model } = question;
  try {
    const { vector, tokens } = await deps.embeddings
      .get(model)
      .embedQuestion(question.question, signal);
    return { vector, tokens };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    const fields = { organizationId, chatbotId, model, code: error.code };
    deps.logger.warn(fields, "question not embedded: searching by words alone");
    return null;
  }
}
