import { z } from "zod";
import { SOURCE_STATUSES } from "#domain/knowledge.ts";
import { asSystem } from "#store/as-tenant.ts";
import { listSources } from "#store/knowledge-sources.ts";
import { defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";
import { sourceSummary } from "./source-summary.ts";

/** `knowledge list`. */
export const knowledgeList = defineCommand({
  name: "knowledge list",
  summary: "Show documents and how they stand, the newest first.",
  examples: [
    "./parley knowledge list --chatbot Support",
    "./parley knowledge list --status failed --json",
  ],
  input: z.strictObject({
    chatbot: z.string().optional().describe("Id, name or phone number id of a chatbot."),
    status: z.enum(SOURCE_STATUSES).optional().describe("Only documents that stand so."),
  }),
  view: {
    kind: "table",
    columns: [
      "id",
      "name",
      "sourceType",
      "status",
      "step",
      "chunks",
      "pages",
      "syncedAt",
      "reason",
    ],
    whenEmpty: "There is no such document. ./parley knowledge add learns one.",
  },
  async *run(deps, input) {
    const chatbotId =
      input.chatbot === undefined ? undefined : (await getChatbot(deps, input.chatbot)).id;
    const sources = await asSystem(deps.database.db, (system) =>
      listSources(system, { chatbotId, status: input.status }),
    );
    for (const source of sources) yield sourceSummary(source);
  },
});
