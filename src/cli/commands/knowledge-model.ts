import { z } from "zod";
import { sweepMailbox } from "#domain/knowledge.ts";
import { changeEmbeddingModel } from "#knowledge/ingest/manage-documents.ts";
import { newId } from "#platform/new-id.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";
import { workOff } from "./work-here.ts";

/** `knowledge model`. */
export const knowledgeModel = defineCommand({
  name: "knowledge model",
  summary: "Change the embedding model of a chatbot's knowledge.",
  details:
    "Every document is embedded once more in the background, which costs what the new model costs. Searches use the old model until all are ready, and then all change at once. A similarity threshold that was set for the old model goes.",
  examples: ["./parley knowledge model --chatbot Support openai:text-embedding-3-small"],
  input: z.strictObject({
    model: z
      .string()
      .meta({ positional: true })
      .describe("local:hash, openai:text-embedding-3-small, google:gemini-embedding-001, …"),
    chatbot: z.string().describe("Id, name or phone number id of the chatbot."),
  }),
  view: { kind: "record" },
  async *run(deps, input) {
    const { id: chatbotId, organizationId } = await getChatbot(deps, input.chatbot);
    const { model } = deps.knowledge.embeddings.get(input.model); // fails for what cannot be opened
    const documents = await changeEmbeddingModel(
      { db: deps.database.db, newId },
      { organizationId, chatbotId, model },
    );
    await asTenant(deps.database.db, organizationId, (tenant) =>
      insertOperatorAudit(tenant, organizationId, {
        action: "chatbot.embedding_model_changed",
        targetType: "chatbot",
        targetId: chatbotId,
        changes: { model, documents: documents.length },
      }),
    );
    const keys = [...documents.map((id) => `document:${id}`), sweepMailbox(chatbotId)];
    await workOff(deps, keys, new AbortController().signal);
    yield { chatbotId, model, documents: documents.length };
  },
});
