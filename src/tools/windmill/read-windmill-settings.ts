import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import type { WindmillServer } from "#providers/windmill/windmill-client.ts";
import type { Integration } from "#tools/tool-source.ts";
import { assertOwnReferences } from "./references.ts";

const Json: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** `f/folder/script` or `u/user/script`; never a hub path, and no way out of a folder. */
const ScriptPath = z
  .string()
  .max(255)
  .regex(/^[fu](\/[\w-]+){2,}$/, "is a path such as f/tools/find_order");

const Settings = z.strictObject({
  script_path: ScriptPath,
  /** Left out: the platform's own Windmill. */
  base_url: z.string().optional(),
  workspace: z.string().optional(),
  tag: z.string().optional(),
  timeout_ms: z.int().min(1_000).max(28_000).default(25_000),
});

const ToolConfig = z.looseObject({
  /** In place of the script's own schema. */
  parameters: Json.optional(),
  /** Arguments that the model neither sees nor chooses. */
  bound: Json.default({}),
  effects: z.enum(["none", "outside"]).optional(),
});

/** The Windmill that the platform runs for its tenants. */
export type PlatformWindmill = {
  readonly baseUrl: string;
  readonly workspace: string;
  readonly token: string | undefined;
};

/** Which script of which server is a tool, and how. */
export type WindmillSettings = {
  readonly server: WindmillServer;
  /** The platform's may be in its own network; a tenant's is guarded. */
  readonly owner: "platform" | "tenant";
  readonly scriptPath: string;
  readonly tag: string | null;
  readonly timeoutMs: number;
  readonly parameters: JsonObject | null;
  readonly bound: JsonObject;
  readonly effects: "none" | "outside" | null;
};

/** Where the platform's token reaches. Its other scripts are its own, or another tenant's. */
const PLATFORM_SCRIPTS = "f/tools/";

/**
 * Reads the settings of an integration of the provider `windmill`.
 * @throws AppError TOOL_MISCONFIGURED that names what makes no sense.
 */
export function readWindmillSettings(
  platform: PlatformWindmill,
  { settings, toolConfig, credentials }: Integration,
): WindmillSettings {
  const [parsed, config] = [Settings.safeParse(settings), ToolConfig.safeParse(toolConfig)];
  if (!parsed.success) throw misconfigured(`settings: ${z.prettifyError(parsed.error)}`);
  if (!config.success) throw misconfigured(`tool_config: ${z.prettifyError(config.error)}`);
  const { script_path: scriptPath, tag, timeout_ms: timeoutMs } = parsed.data;
  const server = serverOf(platform, parsed.data, credentials);
  if (Object.keys(credentials).length === 0) assertOwnReferences(config.data.bound);
  return {
    ...server,
    scriptPath,
    tag: tag ?? null,
    timeoutMs,
    parameters: config.data.parameters ?? null,
    bound: config.data.bound,
    effects: config.data.effects ?? null,
  };
}

/** A tenant's address never gets the platform's token, and a tenant's token opens no network of ours. */
function serverOf(
  platform: PlatformWindmill,
  settings: z.infer<typeof Settings>,
  credentials: Readonly<Record<string, string>>,
): Pick<WindmillSettings, "server" | "owner"> {
  const { base_url: baseUrl, workspace, script_path: scriptPath } = settings;
  const [token, ...others] = Object.values(credentials);
  if (others.length > 0) throw misconfigured("There is one credential at most, Windmill's token.");
  if (baseUrl !== undefined) {
    if (token === undefined) throw misconfigured("With settings.base_url, a token is needed.");
    if (workspace === undefined) throw misconfigured("settings.workspace is missing.");
    return { owner: "tenant", server: { baseUrl, workspace, token: checkToken(token) } };
  }
  if (token !== undefined)
    return {
      owner: "platform",
      server: {
        baseUrl: platform.baseUrl,
        workspace: workspace ?? platform.workspace,
        token: checkToken(token),
      },
    };
  if (platform.token === undefined)
    throw misconfigured("There is no token: neither a credential here nor WINDMILL_TOKEN.");
  if (workspace !== undefined && workspace !== platform.workspace)
    throw misconfigured("Another workspace than the platform's needs a token of its own.");
  if (!scriptPath.startsWith(PLATFORM_SCRIPTS))
    throw misconfigured(`Without a token of its own, a script is in ${PLATFORM_SCRIPTS}`);
  return { owner: "platform", server: { ...platform, token: platform.token } };
}

function checkToken(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw misconfigured("The token holds a character that no header can.");
}

function misconfigured(message: string): AppError {
  return new AppError("TOOL_MISCONFIGURED", message);
}
