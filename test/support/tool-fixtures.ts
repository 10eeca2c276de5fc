import { randomUUID } from "node:crypto";
import type { AgentTool, AgentTools } from "#agent/agent-tool.ts";
import {
  ChatbotId,
  ContactId,
  ConversationId,
  IntegrationId,
  OrganizationId,
} from "#domain/ids.ts";
import type { Integration, ToolCaller, ToolProvider } from "#tools/tool-source.ts";

/** Somebody for whom tools are called. */
export const testCaller: ToolCaller = {
  organizationId: OrganizationId.parse("01930000-0000-7000-8000-000000000001"),
  chatbotId: ChatbotId.parse("01930000-0000-7000-8000-000000000002"),
  conversationId: ConversationId.parse("01930000-0000-7000-8000-000000000003"),
  contactId: ContactId.parse("01930000-0000-7000-8000-000000000004"),
  contact: { name: "Ana Souza", phone: "5511999990000", userId: null },
};

/** An integration as its two rows would make it. */
export function integrationOf(
  provider: ToolProvider,
  changes: Partial<Omit<Integration, "id" | "provider">> = {},
): Integration {
  return {
    id: IntegrationId.parse(randomUUID()),
    provider,
    name: "shop",
    description: "",
    settings: {},
    credentials: {},
    toolConfig: {},
    ...changes,
  };
}

/** Calls one of the tools; nobody waits longer than the limit. */
export async function callTool(
  tools: AgentTools,
  name: string,
  {
    input = {},
    signal = AbortSignal.timeout(10_000),
  }: { input?: unknown; signal?: AbortSignal } = {},
): Promise<unknown> {
  return toolOf(tools, name).execute(input, signal);
}

/** The tool of this name. */
export function toolOf(tools: AgentTools, name: string): AgentTool {
  const tool = tools[name];
  if (tool === undefined)
    throw new Error(`There is no tool ${name}, but ${Object.keys(tools).join(", ")}`);
  return tool;
}
