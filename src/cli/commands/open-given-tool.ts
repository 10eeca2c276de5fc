import type { AgentTools } from "#agent/agent-tool.ts";
import { AppError } from "#domain/errors.ts";
import { ContactId, ConversationId } from "#domain/ids.ts";
import { newId } from "#platform/new-id.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { GivenTool } from "#store/given-tools.ts";
import { findIntegrations } from "#store/integrations.ts";
import { equipTools } from "#tools/equip-tools.ts";
import { nameTools } from "#tools/name-tools.ts";
import { openIntegration } from "#tools/open-integration.ts";
import { readCredentials } from "#tools/read-credentials.ts";
import type { Integration, ToolCaller } from "#tools/tool-source.ts";
import type { CommandDeps } from "./command.ts";

/** Who an operator's call of a tool is made for: nobody who is known. */
export function operatorAsCaller(
  { organizationId, chatbotId }: Pick<ToolCaller, "organizationId" | "chatbotId">,
  phone: string | null = null,
): ToolCaller {
  return {
    organizationId,
    chatbotId,
    conversationId: ConversationId.parse(newId()),
    contactId: ContactId.parse(newId()),
    contact: { name: "Operator", phone, userId: null },
  };
}

/** Opens an integration as a turn does, by the names that the model would see. Throws `AppError`. */
export async function openForOperator(
  deps: Pick<CommandDeps, "tools" | "clock">,
  integration: Integration,
  caller: ToolCaller,
): Promise<AgentTools> {
  const { toolProviders, breakers } = deps.tools;
  const signal = new AbortController().signal;
  const given = { integration, caller };
  const tools = await openIntegration({ toolProviders, clock: deps.clock }, given, signal);
  const equipped = equipTools({ breakers, note: () => {} }, integration, tools);
  return nameTools([{ prefix: integration.name, tools: equipped.tools }]);
}

/** The tool's integration with its credentials opened, whether it is switched on or not. */
export async function loadIntegration(
  { database, keyRing }: Pick<CommandDeps, "database" | "keyRing">,
  tool: GivenTool,
): Promise<Integration> {
  const { organizationId, chatbotId } = tool;
  const rows = await asTenant(database.db, organizationId, (tenant) =>
    findIntegrations(tenant, chatbotId, "all"),
  );
  const row = rows.find(({ id }) => id === tool.id);
  if (row === undefined) throw new AppError("NOT_FOUND", "This tool was removed meanwhile.");
  const { opened } = readCredentials(keyRing, organizationId, row.credentials);
  return { ...row, credentials: opened };
}
