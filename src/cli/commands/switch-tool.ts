import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { switchTool } from "#store/given-tools.ts";
import type { CommandDeps, Row } from "./command.ts";
import { getTool } from "./find-tool.ts";
import { toolSummary } from "./tool-list.ts";

/** Switches a chatbot's tool on or off, from its next turn on. */
export async function switchGivenTool(
  deps: CommandDeps,
  reference: Parameters<typeof getTool>[1],
  to: "on" | "off",
): Promise<Row> {
  const tool = await getTool(deps, reference);
  const { organizationId, chatbotId, id: integrationId } = tool;
  await asTenant(deps.database.db, organizationId, async (tenant) => {
    await switchTool(tenant, { chatbotId, integrationId }, to);
    await insertOperatorAudit(tenant, organizationId, {
      action: to === "on" ? "tool.enabled" : "tool.disabled",
      targetType: "tool",
      targetId: integrationId,
      changes: { name: tool.name, chatbotId },
    });
  });
  return toolSummary({ ...tool, enabled: to === "on" });
}
