import { createHash } from "node:crypto";
import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import type { Integration } from "#tools/tool-source.ts";

const Json: z.ZodType<JsonObject> = z.record(z.string(), z.json());

const Auth = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("none") }),
  z.strictObject({ type: z.literal("bearer"), credential: z.string().optional() }),
  z.strictObject({
    type: z.literal("header"),
    header: z.string(),
    credential: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("basic") }),
  /** OAuth's grant for machines, with the credentials `client_id` and `client_secret`. */
  z.strictObject({
    type: z.literal("client_credentials"),
    token_url: z.string(),
    scope: z.string().optional(),
    /** Further fields that the authorization server wants, such as `audience` or `resource`. */
    parameters: z.record(z.string(), z.string()).default({}),
    secret_in: z.enum(["header", "body"]).default("header"),
  }),
]);

const Settings = z.strictObject({
  mcp_server_url: z.string(),
  transport: z.enum(["auto", "http", "sse"]).default("auto"),
  headers: z.record(z.string(), z.string()).default({}),
  auth: Auth.optional(),
  /** Whether the server learns for whom a tool is called, and where it finds that. */
  pass_identity: z.enum(["none", "meta", "headers"]).default("none"),
  /** Of one call; shorter than the limit of every tool, so that this failure has a name of its own. */
  timeout_ms: z.int().min(1_000).max(28_000).default(25_000),
});

const ToolConfig = z.looseObject({
  /** The row is one tool with these parameters, as JSON schema. */
  parameters: Json.optional(),
  /** The row is one tool: this one of the server. */
  tool: z.string().optional(),
  /** Of the server's tools only these. */
  allowed_tools: z.array(z.string()).optional(),
  /** Arguments that the model neither sees nor chooses. */
  bound: Json.default({}),
  /** Left out: what the server says. */
  effects: z.enum(["none", "outside"]).optional(),
});

/** The settings of an integration of the provider `mcp`. */
export type McpSettings = z.infer<typeof Settings>;

/** What one chatbot may do with it. */
export type McpToolConfig = z.infer<typeof ToolConfig>;

/** Headers that belong to the connection or to the protocol. */
const FORBIDDEN_HEADERS =
  /^(host|content-length|content-type|accept|accept-encoding|connection|transfer-encoding|upgrade|expect|te|trailer|keep-alive|authorization|last-event-id|proxy-.*|mcp-.*)$/i;

/**
 * Reads what an integration says of its MCP server.
 * @throws AppError TOOL_MISCONFIGURED that names what makes no sense.
 */
export function readMcpSettings({ settings, toolConfig }: Integration): {
  readonly settings: McpSettings;
  readonly config: McpToolConfig;
} {
  const [parsed, config] = [Settings.safeParse(settings), ToolConfig.safeParse(toolConfig)];
  if (!parsed.success) throw misconfigured(`settings: ${z.prettifyError(parsed.error)}`);
  if (!config.success) throw misconfigured(`tool_config: ${z.prettifyError(config.error)}`);
  const { auth, headers } = parsed.data;
  const named = auth?.type === "header" ? [...Object.keys(headers), auth.header] : headers;
  for (const name of Array.isArray(named) ? named : Object.keys(named)) assertHeader(name);
  return { settings: parsed.data, config: config.data };
}

function assertHeader(name: string): void {
  if (FORBIDDEN_HEADERS.test(name) || !/^[\w!#$%&'*+.^`|~-]+$/.test(name))
    throw misconfigured(`The header ${name} cannot be set.`);
}

/**
 * Tells servers apart by how they are reached: with other settings or credentials it is another, and
 * nothing that was kept of the old one is used.
 */
export function keyOf({ id, settings, credentials }: Integration): string {
  const how = JSON.stringify([settings, Object.entries(credentials)]);
  return `${id}:${createHash("sha256").update(how).digest("base64url")}`;
}

function misconfigured(message: string): AppError {
  return new AppError("TOOL_MISCONFIGURED", message);
}
