import { z } from "zod";
import type { AgentTool, AgentTools, ToolOrigin } from "#agent/agent-tool.ts";
import { AppError } from "#domain/errors.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import { toJsonValue } from "#platform/to-json-value.ts";
import type { TokenCache } from "#providers/mcp/client-credentials.ts";
import type { McpTool } from "#providers/mcp/list-mcp-tools.ts";
import type { KeyedMcpServer, McpClients } from "#providers/mcp/mcp-clients.ts";
import { assertBound, fillArguments, onlyDeclared, withoutBound } from "#tools/bind-arguments.ts";
import { createCredentialFilter, type CredentialFilter } from "#tools/hide-credentials.ts";
import type { Integration, OpenTools, ToolCaller } from "#tools/tool-source.ts";
import { authorizeMcp } from "./authorize-mcp.ts";
import { contextOfCall } from "./context-of-call.ts";
import {
  keyOf,
  type McpSettings,
  type McpToolConfig,
  readMcpSettings,
} from "./read-mcp-settings.ts";
import { readToolResult } from "./read-tool-result.ts";

/** What the providers of models allow. */
const NAME_LENGTH_MAX = 64;

type Opened = {
  readonly clients: McpClients;
  readonly integration: Integration;
  readonly caller: ToolCaller;
  readonly server: KeyedMcpServer;
  readonly settings: McpSettings;
  readonly config: McpToolConfig;
  readonly hide: CredentialFilter;
};

/**
 * Tools of an MCP server. A row with `tool_config.parameters` or `tool_config.tool` is one tool under
 * the integration's name, as in the specification; any other offers the server's tools, or those of
 * `tool_config.allowed_tools`, as `<name>__<tool>`.
 */
export function createMcpTools(deps: {
  readonly clients: McpClients;
  readonly tokens: TokenCache;
}): OpenTools {
  return async (integration, caller, signal) => {
    const { settings, config } = readMcpSettings(integration);
    const access = authorizeMcp(deps.tokens, settings, integration.credentials);
    const server = {
      key: keyOf(integration),
      url: settings.mcp_server_url,
      transport: settings.transport,
      headers: { ...settings.headers, ...access.headers },
      authorization: access.authorization,
    };
    const hide = createCredentialFilter(integration.credentials, integration.settings);
    const opened = { clients: deps.clients, integration, caller, server, settings, config, hide };
    assertBound(config.bound); // says now what is wrong with them
    const listed = await listTools(opened, signal).catch((error: unknown) => {
      throw error instanceof AppError ? hide.inError(error) : error;
    });
    if (config.parameters !== undefined || config.tool !== undefined)
      return { [integration.name]: toAgentTool(opened, oneTool(opened, listed), "row") };
    const allowed = listed.filter(({ name }) => config.allowed_tools?.includes(name) ?? true);
    const tools: Record<string, AgentTool> = {};
    for (const tool of allowed)
      tools[nameOf(integration, tool, tools)] = toAgentTool(opened, tool, "server");
    return tools;
  };
}

/** A list that lacks a tool which is asked for may be old, so it is fetched again once. */
async function listTools(
  { clients, server, config }: Opened,
  signal: AbortSignal,
): Promise<readonly McpTool[]> {
  const wanted = [
    ...(config.tool === undefined ? [] : [config.tool]),
    ...(config.allowed_tools ?? []),
  ];
  const isComplete = (tools: readonly McpTool[]) =>
    wanted.every((wantedName) => tools.some(({ name }) => name === wantedName));
  const listed = await clients.listTools(server, signal);
  if (isComplete(listed)) return listed;
  clients.refreshTools(server);
  return clients.listTools(server, signal);
}

/** The server's tool that a row of one tool means: the one it names, the one of its own name, the only one. */
function oneTool({ integration, config }: Opened, listed: readonly McpTool[]): McpTool {
  const [only, ...others] = listed;
  const named = (wanted: string) => listed.find(({ name }) => name === wanted);
  const found =
    config.tool !== undefined
      ? named(config.tool)
      : (named(integration.name) ?? (others.length === 0 ? only : undefined));
  if (found !== undefined) return found;
  const names = listed.map(({ name }) => name).slice(0, 30);
  throw new AppError(
    "TOOL_MISCONFIGURED",
    `tool_config.tool names the tool of the server that is meant. There are: ${names.join(", ") || "none"}.`,
  );
}

/** Names that become the same get numbers, so that no tool takes the place of another. */
function nameOf(integration: Integration, tool: McpTool, taken: AgentTools): string {
  const plain = `${integration.name}__${tool.name}`.replaceAll(/[^a-zA-Z0-9_-]/g, "_");
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? "" : `_${number}`;
    const name = `${plain.slice(0, NAME_LENGTH_MAX - suffix.length)}${suffix}`;
    if (!Object.hasOwn(taken, name)) return name;
  }
}

const SchemaObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());
/** A description is for the model, and the server may be anybody's. */
const DESCRIPTION_LENGTH_MAX = 2_000;

function toAgentTool(opened: Opened, tool: McpTool, describedBy: "row" | "server"): AgentTool {
  const { integration, config } = opened;
  const schema = config.parameters ?? SchemaObject.parse(tool.inputSchema);
  // Whoever gives the tool knows better than its server, and failures are told by the same word.
  const effects = config.effects ?? (tool.isReadOnly ? "none" : "outside");
  const own = describedBy === "row" ? integration.description : "";
  return {
    description: (own || tool.description || tool.name).slice(0, DESCRIPTION_LENGTH_MAX),
    inputSchema: { jsonSchema: withoutBound(schema, config.bound) },
    execute: (input, signal) =>
      call(opened, { tool, effects, input: SchemaObject.parse(input) }, signal),
    origin: {
      type: "mcp",
      integrationId: integration.id,
      effects,
      ...(tool.isRepeatable ? { repeatable: true } : {}),
      confirmation: "none",
      record: "sealed",
    },
  };
}

type Effects = ToolOrigin["effects"];

async function call(
  { clients, caller, server, settings, config, hide }: Opened,
  { tool, effects, input }: { tool: McpTool; effects: Effects; input: JsonObject },
  signal: AbortSignal,
): Promise<unknown> {
  const timeout = AbortSignal.timeout(settings.timeout_ms);
  const request = {
    name: tool.name,
    arguments: fillArguments(allowedOf(config, input), config.bound, caller),
    context: contextOfCall(settings.pass_identity, caller),
  };
  try {
    const limit = AbortSignal.any([signal, timeout]);
    const result = toJsonValue(await clients.callTool(server, request, limit));
    return readToolResult(hide.inJson(result)); // before it is cut
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) throw tooSlow(effects, settings.timeout_ms);
    if (!(error instanceof AppError)) throw error;
    if (error.code === "TOOL_REQUEST_REJECTED") clients.refreshTools(server); // it may have changed
    throw ofEffects(effects, error);
  }
}

/** What a failure means: of a tool that changes nothing, it does not matter whether it ran. */
function ofEffects(effects: Effects, error: AppError): AppError {
  if (effects === "none" && error.code === "TOOL_OUTCOME_UNKNOWN")
    return new AppError("TOOL_UNAVAILABLE", "The tool's server gives no answer that can be read.", {
      cause: error,
    });
  // The call was made; the answer may say that it failed.
  if (effects === "outside" && error.code === "TOOL_RESULT_TOO_LARGE")
    return new AppError(
      "TOOL_OUTCOME_UNKNOWN",
      "The tool's server answered with more than is read, so nobody knows whether it did what it was asked.",
      { cause: error },
    );
  return error;
}

/** A row that says which parameters there are means no others, although the server may take more. */
function allowedOf({ parameters }: McpToolConfig, input: JsonObject): JsonObject {
  return parameters?.["properties"] === undefined ? input : onlyDeclared(input, parameters);
}

function tooSlow(effects: Effects, timeoutMs: number): AppError {
  const what = `The tool gave no answer within ${Math.round(timeoutMs / 1_000)} seconds`;
  return effects === "none"
    ? new AppError("TOOL_TIMEOUT", `${what}.`)
    : new AppError("TOOL_OUTCOME_UNKNOWN", `${what}: nobody knows whether it was done.`);
}
