import { z } from "zod";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { takeIntegration } from "#store/given-tools.ts";
import { defineCommand } from "./command.ts";
import { getTool, toolReference } from "./find-tool.ts";

/** `tool remove`. */
export const toolRemove = defineCommand({
  name: "tool remove",
  summary: "Remove a tool from a chatbot; the last one takes its credentials with it.",
  examples: ["./parley tool remove book_table --chatbot Support --yes"],
  input: z.strictObject(toolReference),
  view: { kind: "record" },
  confirmation: "Remove this tool from the chatbot?",
  async *run(deps, input) {
    const tool = await getTool(deps, input);
    const { organizationId, chatbotId, id: integrationId } = tool;
    const { isGone } = await asTenant(deps.database.db, organizationId, async (tenant) => {
      const taken = await takeIntegration(tenant, { chatbotId, integrationId });
      await insertOperatorAudit(tenant, organizationId, {
        action: "tool.removed",
        targetType: "tool",
        targetId: integrationId,
        changes: { name: tool.name, chatbotId, credentialsRemoved: taken.isGone },
      });
      return taken;
    });
    yield {
      id: integrationId,
      name: tool.name,
      chatbot: tool.chatbot,
      removed: true,
      credentialsRemoved: isGone,
    };
  },
});
