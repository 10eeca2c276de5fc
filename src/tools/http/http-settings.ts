import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { JsonObject, JsonValue } from "#domain/webhook-event.ts";
import type { Integration } from "#tools/tool-source.ts";
import { readCallerFields } from "./caller-fields.ts";
import { placeholdersOf } from "./fill-template.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
const Json: z.ZodType<JsonValue> = z.json();
const JsonRecord: z.ZodType<JsonObject> = z.record(z.string(), Json);

const Auth = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("none") }),
  z.strictObject({ type: z.literal("bearer"), credential: z.string().optional() }),
  z.strictObject({
    type: z.literal("header"),
    header: z.string(),
    credential: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("basic") }),
]);

const Settings = z.strictObject({
  method: z
    .string()
    .transform((method) => method.toUpperCase())
    .pipe(z.enum(METHODS))
    .default("GET"),
  url: z.string(),
  query: z.record(z.string(), z.string()).optional(),
  headers: z.record(z.string(), z.string()).default({}),
  /** JSON, sent as such. */
  body: Json.optional(),
  /** Fields of a form, sent as one. */
  form: z.record(z.string(), z.string()).optional(),
  auth: Auth.optional(),
  parameters: JsonRecord.optional(),
  /** Left out: GET and HEAD change nothing, the others may. */
  effects: z.enum(["none", "outside"]).optional(),
});

const ToolConfig = z.looseObject({
  parameters: JsonRecord.optional(),
  /** Arguments that the model neither sees nor chooses. */
  bound: JsonRecord.default({}),
  /** Over that of the settings. */
  effects: z.enum(["none", "outside"]).optional(),
});

/** How a call becomes a request. */
export type HttpSettings = Omit<z.infer<typeof Settings>, "effects"> & {
  /** Whether a call may change something, whoever said so. */
  readonly effects: "none" | "outside";
  /** `scheme://host:port` of the template; no argument can change it. */
  readonly origin: string;
  /** Of all arguments, bound ones too. */
  readonly parameters: JsonObject;
  readonly bound: JsonObject;
};

/** Headers that belong to the connection. */
const FORBIDDEN_HEADERS =
  /^(host|content-length|connection|transfer-encoding|upgrade|expect|te|trailer|keep-alive|proxy-.*)$/i;

/**
 * Reads the settings of an http tool.
 * @throws AppError TOOL_MISCONFIGURED that names what makes no sense.
 */
export function readHttpSettings({ settings, toolConfig }: Integration): HttpSettings {
  const [parsed, config] = [Settings.safeParse(settings), ToolConfig.safeParse(toolConfig)];
  if (!parsed.success) throw misconfigured(`settings: ${z.prettifyError(parsed.error)}`);
  if (!config.success) throw misconfigured(`tool_config: ${z.prettifyError(config.error)}`);
  const { url, headers, body, form, method } = parsed.data;
  const origin = originOf(url);
  for (const name of Object.keys(headers))
    if (FORBIDDEN_HEADERS.test(name) || !/^[\w!#$%&'*+.^`|~-]+$/.test(name))
      throw misconfigured(`The header ${name} cannot be set.`);
  if (body !== undefined && form !== undefined)
    throw misconfigured("settings: there is a body or a form, not both.");
  if ((body !== undefined || form !== undefined) && (method === "GET" || method === "HEAD"))
    throw misconfigured(`settings: a ${method} request has no body.`);
  const parameters = config.data.parameters ??
    parsed.data.parameters ?? { type: "object", properties: {} };
  const { bound, effects: ownEffects } = config.data;
  const usual = method === "GET" || method === "HEAD" ? "none" : "outside";
  const effects = ownEffects ?? parsed.data.effects ?? usual;
  const read = { ...parsed.data, origin, parameters, bound, effects };
  assertKnownPlaceholders(read);
  return read;
}

/** The address up to its path holds no placeholder, so that no argument chooses the server. */
function originOf(template: string): string {
  const origin = /^https?:\/\/[^/?#\\{}\s@]+/i.exec(template)?.[0];
  const rest = origin === undefined ? "" : template.slice(origin.length);
  if (origin === undefined || !URL.canParse(origin) || !(rest === "" || /^[/?]/.test(rest)))
    throw misconfigured(
      "settings.url begins with https:// and a host, in which there are no {placeholders}.",
    );
  return new URL(origin).origin;
}

function assertKnownPlaceholders(settings: HttpSettings): void {
  const { url, query, headers, body, form, parameters, bound } = settings;
  const { argument, caller } = placeholdersOf({
    request: [url, query ?? {}, headers, body ?? null, form ?? {}],
  });
  const known = new Set([...propertiesOf(parameters), ...Object.keys(bound)]);
  for (const name of argument)
    if (!known.has(name))
      throw misconfigured(`{${name}} is neither a parameter nor a bound argument.`);
  const callers = [...caller, ...placeholdersOf({ bound }).caller];
  for (const name of callers)
    if (!CALLER_FIELDS.has(name))
      throw misconfigured(`There is no {{${name}}}. There are ${[...CALLER_FIELDS].join(", ")}.`);
}

const CALLER_FIELDS: ReadonlySet<string> = new Set(Object.keys(readCallerFields(null)));

/** Names of the properties of an object's schema. */
export function propertiesOf(schema: JsonObject): readonly string[] {
  const { properties } = schema;
  return JsonRecord.safeParse(properties).success ? Object.keys(properties ?? {}) : [];
}

function misconfigured(message: string): AppError {
  return new AppError("TOOL_MISCONFIGURED", message);
}
