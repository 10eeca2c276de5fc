import { z } from "zod";
import { costsOfSearches } from "#knowledge/search/costs-of-search.ts";
import { retrieveKnowledge } from "#knowledge/search/retrieve-knowledge.ts";
import { asTenant } from "#store/as-tenant.ts";
import { recordSearchCosts } from "#store/search-costs.ts";
import { defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";

/** `knowledge search`. */
export const knowledgeSearch = defineCommand({
  name: "knowledge search",
  summary: "Ask a chatbot's knowledge, and see the passages that it would answer from.",
  examples: [
    './parley knowledge search --chatbot Support "When do you open?"',
    './parley knowledge search --chatbot Support "Saat kaçta açılıyorsunuz?" --translation "When do you open?"',
  ],
  input: z.strictObject({
    question: z
      .string()
      .min(1, "may not be empty")
      .max(10_000)
      .meta({ positional: true })
      .describe("A question as a customer would ask it."),
    chatbot: z.string().describe("Id, name or phone number id of the chatbot."),
    translation: z
      .string()
      .min(1, "may not be empty")
      .max(10_000)
      .optional()
      .describe(
        "The question in the documents' language: both are searched, as for customers of another.",
      ),
    topK: z.int().min(1).max(50).optional().describe("How many passages at most."),
    threshold: z
      .number()
      .min(-1)
      .max(1)
      .optional()
      .describe("Similarity below which a passage is off topic."),
  }),
  view: {
    kind: "table",
    columns: ["sourceName", "page", "similarity", "score", "text"],
    whenEmpty: "No passage is close enough to this question.",
  },
  async *run(deps, { chatbot, question, translation = null, ...limits }, notice) {
    const { id: chatbotId, organizationId } = await getChatbot(deps, chatbot);
    const found = await retrieveKnowledge(
      { ...deps.knowledge, db: deps.database.db, logger: deps.logger },
      { organizationId, chatbotId, question, translation, ...definedOf(limits) },
      AbortSignal.timeout(deps.config.MODEL_TIMEOUT_MS),
    );
    await asTenant(deps.database.db, organizationId, (tenant) =>
      recordSearchCosts(tenant, {
        organizationId,
        chatbotId,
        conversationId: null,
        turnId: null,
        costs: costsOfSearches([found]),
      }),
    );
    if (found.passages.length === 0 && found.bestSimilarity !== null && found.threshold !== null)
      notice(
        `The best passage has a similarity of ${found.bestSimilarity.toFixed(2)}; ${found.threshold.toFixed(2)} is asked for.`,
      );
    for (const passage of found.passages) yield { ...passage };
  },
});

function definedOf(limits: { topK?: number | undefined; threshold?: number | undefined }) {
  return {
    ...(limits.topK === undefined ? {} : { topK: limits.topK }),
    ...(limits.threshold === undefined ? {} : { threshold: limits.threshold }),
  };
}
