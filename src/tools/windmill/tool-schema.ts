import { AppError } from "#domain/errors.ts";
import type { JsonObject, JsonValue } from "#domain/webhook-event.ts";
import { withoutBound } from "#tools/bind-arguments.ts";

/** Windmill's own words in a schema, which mean nothing to a model. */
const OWN_KEYWORDS = new Set([
  "order",
  "originalType",
  "contentEncoding",
  "disableCreate",
  "showExpr",
]);

/**
 * What a model may pass to a script: its schema without bound arguments, without those that take a
 * resource of Windmill (only the server may choose one), and without Windmill's own keywords. Anything
 * else is refused, or a model could make up a resource.
 * @throws AppError TOOL_MISCONFIGURED when a resource is needed and not bound.
 */
export function toToolSchema(schema: JsonObject, bound: JsonObject): JsonObject {
  const plain = asObject(clean(schema));
  const properties = Object.entries(asObject(plain["properties"]));
  const resources = properties
    .filter(([, property]) => takesResource(property))
    .map(([name]) => name);
  const required = asList(plain["required"]);
  const missing = resources.find((name) => required.includes(name) && !Object.hasOwn(bound, name));
  if (missing !== undefined)
    throw new AppError(
      "TOOL_MISCONFIGURED",
      `The script's argument ${missing} takes a resource: bind it in tool_config.bound, such as "$res:f/tools/${missing}".`,
    );
  const hidden = Object.fromEntries(resources.map((name) => [name, null]));
  return { ...withoutBound(plain, { ...bound, ...hidden }), additionalProperties: false };
}

function takesResource(property: JsonValue): boolean {
  const { format } = asObject(property);
  return typeof format === "string" && format.startsWith("resource");
}

function clean(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(clean);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([name, each]) =>
      !OWN_KEYWORDS.has(name) &&
      !(name === "enum" && !isList(each)) &&
      !((name === "format" || name === "default" || name === "description") && isNothing(each)),
  );
  return Object.fromEntries(
    kept.map(([name, each]) => [name, name === "properties" ? cleanEach(each) : clean(each)]),
  );
}

/** The names of properties are the script's own. */
function cleanEach(properties: JsonValue): JsonValue {
  const entries = Object.entries(asObject(properties));
  return Object.fromEntries(entries.map(([name, property]) => [name, clean(property)]));
}

const isNothing = (value: JsonValue) => value === null || value === "";
const isList = (value: JsonValue | undefined): value is readonly JsonValue[] =>
  Array.isArray(value);
const asList = (value: JsonValue | undefined) => (isList(value) ? value : []);

function asObject(value: JsonValue | undefined): JsonObject {
  return typeof value === "object" && value !== null && !isList(value) ? value : {};
}
