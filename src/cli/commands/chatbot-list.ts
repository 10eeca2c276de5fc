import { z } from "zod";
import { asSystem } from "#store/as-tenant.ts";
import { listChatbots } from "#store/chatbots.ts";
import { chatbotSummary } from "./chatbot-summary.ts";
import { defineCommand } from "./command.ts";
import { getOrganization } from "./find-organization.ts";

/** `chatbot list`. */
export const chatbotList = defineCommand({
  name: "chatbot list",
  summary: "Show the chatbots of all organizations, or of one.",
  examples: ["./parley chatbot list", './parley chatbot list --organization "Bakery Ltd"'],
  input: z.strictObject({
    organization: z.string().optional().describe("Id, slug or name of an organization."),
  }),
  view: {
    kind: "table",
    columns: ["id", "name", "organization", "phoneNumberId", "model", "isActive", "conversations"],
    whenEmpty: "There is no chatbot yet. Make one with ./parley chatbot create.",
  },
  async *run(deps, input) {
    const filter =
      input.organization === undefined
        ? {}
        : { organizationId: (await getOrganization(deps, input.organization)).id };
    const rows = await asSystem(deps.database.db, (system) => listChatbots(system, filter));
    for (const row of rows) yield chatbotSummary(row);
  },
});
