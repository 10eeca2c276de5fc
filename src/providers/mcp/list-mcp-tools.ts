import type { ListToolsResult, MCPClient } from "@ai-sdk/mcp";
import { AppError } from "#domain/errors.ts";

/** A tool as its server describes it. */
export type McpTool = {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** Whether a call changes nothing outside, as the server says. */
  readonly isReadOnly: boolean;
  /** Whether two calls change no more than one. */
  readonly isRepeatable: boolean;
};

/** No model chooses well among more; a server that goes on and on is not listened to. */
const TOOLS_MAX = 500;
const PAGES_MAX = 50;
/** Of all descriptions and schemas together. They are kept in memory, and models pay for them. */
const SIZE_CHARACTERS_MAX = 1_000_000;

/** All tools of a server, page by page. */
export async function listMcpTools(
  client: MCPClient,
  signal: AbortSignal,
): Promise<readonly McpTool[]> {
  const tools: McpTool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer: ListToolsResult = await client.listTools({
      ...(cursor === undefined ? {} : { params: { cursor } }),
      options: { signal },
    });
    tools.push(...answer.tools.map(toMcpTool));
    if (tools.length > TOOLS_MAX || JSON.stringify(tools).length > SIZE_CHARACTERS_MAX)
      throw new AppError(
        "TOOL_MISCONFIGURED",
        `The tool's server offers more than ${TOOLS_MAX} tools, or describes them with more than ${SIZE_CHARACTERS_MAX} characters.`,
      );
    cursor = answer.nextCursor;
    if (cursor === undefined) break;
  }
  return tools;
}

function toMcpTool(tool: ListToolsResult["tools"][number]): McpTool {
  const { readOnlyHint, idempotentHint } = tool.annotations ?? {};
  return {
    name: tool.name,
    description: tool.description ?? tool.title ?? tool.annotations?.title ?? "",
    inputSchema: tool.inputSchema,
    isReadOnly: readOnlyHint === true,
    isRepeatable: readOnlyHint === true || idempotentHint === true,
  };
}
