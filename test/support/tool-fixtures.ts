import { randomUUID } from "node:crypto";
import type { AgentTool, AgentTools } from "#agent/agent-tool.ts";
import { IntegrationId } from "#domain/ids.ts";
import { integrationOf } from "#tools/integration-for-tests.ts";
import type { Integration, ToolProvider } from "#tools/tool-source.ts";

/** An integration of this provider, another one each time. */
export function newIntegration(
  provider: ToolProvider,
  changes: Partial<Omit<Integration, "id" | "provider">> = {},
): Integration {
  const id = IntegrationId.parse(randomUUID());
  return integrationOf({ id, provider, name: "shop", description: "", settings: {}, ...changes });
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
