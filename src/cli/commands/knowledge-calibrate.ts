import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { chooseThreshold } from "#knowledge/search/choose-threshold.ts";
import { type BilledSearch, costsOfSearches } from "#knowledge/search/costs-of-search.ts";
import { OFF_TOPIC_QUESTIONS } from "#knowledge/search/off-topic-questions.ts";
import type { Embedding } from "#providers/embeddings/embedding.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { listCustomersQuestions, storeSimilarityThreshold } from "#store/calibration.ts";
import type { ChatbotRow } from "#store/chatbots.ts";
import { findCandidatePassages, findSearchSettings } from "#store/knowledge-search.ts";
import { recordSearchCosts } from "#store/search-costs.ts";
import { type CommandDeps, defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";

/** Fewer questions say more of chance than of the chatbot. */
const QUESTIONS_MIN = 20;
const QUESTIONS_MAX = 200;

/** `knowledge calibrate`. */
export const knowledgeCalibrate = defineCommand({
  name: "knowledge calibrate",
  summary: "Propose a similarity threshold from what customers have asked.",
  details:
    "Compares the last questions of the chatbot's customers, and questions on other subjects, with its passages. Proposes the highest threshold that keeps the asked share of the former. Shows figures and no questions. With a paid embedding model each question costs a call.",
  examples: ["./parley knowledge calibrate --chatbot Support --apply"],
  input: z.strictObject({
    chatbot: z.string().describe("Id, name or phone number id of the chatbot."),
    keep: z.number().min(0.5).max(1).default(0.95).describe("Share of the questions to keep."),
    apply: z.boolean().default(false).describe("Store the threshold."),
  }),
  view: { kind: "record" },
  async *run(deps, input) {
    const chatbot = await getChatbot(deps, input.chatbot);
    const { id: chatbotId, organizationId } = chatbot;
    const [settings, questions] = await asTenant(
      deps.database.db,
      organizationId,
      async (tenant) => [
        await findSearchSettings(tenant, chatbotId),
        await listCustomersQuestions(tenant, chatbotId, QUESTIONS_MAX),
      ],
    );
    const model = settings?.embeddingModel ?? null;
    if (model === null)
      throw new AppError("INPUT_INVALID", "The chatbot has learned no document yet.");
    if (questions.length < QUESTIONS_MIN)
      throw new AppError(
        "INPUT_INVALID",
        `Customers have asked ${questions.length} questions; ${QUESTIONS_MIN} are needed to calibrate.`,
      );
    const embedding = deps.knowledge.embeddings.get(model);
    const measure = (asked: readonly string[]) => measureAll(deps, { chatbot, embedding }, asked);
    const onTopic = await measure(questions);
    if (onTopic.length === 0)
      throw new AppError("INPUT_INVALID", "The chatbot has no passage to compare with.");
    const offTopic = await measure(OFF_TOPIC_QUESTIONS);
    const choice = chooseThreshold({ onTopic, offTopic }, input.keep);
    if (input.apply) await store(deps, chatbot, { model, threshold: choice.threshold });
    yield {
      chatbotId,
      model,
      questions: questions.length,
      thresholdBefore: settings?.similarityThreshold ?? null,
      ...choice,
      isApplied: input.apply,
    };
  },
});

/** The similarity of each question to the passage that is nearest to it. What it costs is logged. */
async function measureAll(
  deps: CommandDeps,
  { chatbot, embedding }: { readonly chatbot: ChatbotRow; readonly embedding: Embedding },
  questions: readonly string[],
): Promise<readonly number[]> {
  const { organizationId } = chatbot;
  const similarities: number[] = [];
  const made: BilledSearch[] = [];
  try {
    for (const question of questions) {
      const signal = AbortSignal.timeout(deps.config.MODEL_TIMEOUT_MS);
      const { vector, tokens } = await embedding.embedQuestion(question, signal);
      made.push({ embedded: { model: embedding.model, tokens }, reranked: null });
      const found = await asTenant(deps.database.db, organizationId, (tenant) =>
        findCandidatePassages(tenant, chatbot.id, { embedding: vector, terms: [], limit: 1 }),
      );
      similarities.push(...found.flatMap(({ similarity }) => similarity ?? []));
    }
  } finally {
    // One that breaks off has been paid for too.
    await asTenant(deps.database.db, organizationId, (tenant) =>
      recordSearchCosts(tenant, {
        organizationId,
        chatbotId: chatbot.id,
        conversationId: null,
        turnId: null,
        costs: costsOfSearches(made),
      }),
    );
  }
  return similarities;
}

async function store(
  deps: CommandDeps,
  { id, organizationId }: ChatbotRow,
  calibrated: { readonly model: string; readonly threshold: number },
): Promise<void> {
  await asTenant(deps.database.db, organizationId, async (tenant) => {
    if (!(await storeSimilarityThreshold(tenant, id, calibrated)))
      throw new AppError("CONFLICT", "The embedding model has changed meanwhile: calibrate again.");
    await insertOperatorAudit(tenant, organizationId, {
      action: "chatbot.threshold_calibrated",
      targetType: "chatbot",
      targetId: id,
      changes: calibrated,
    });
  });
}
