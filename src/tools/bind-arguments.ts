import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import { readCallerFields } from "./http/caller-fields.ts";
import { fillJson, placeholdersOf } from "./http/fill-template.ts";
import type { ToolCaller } from "./tool-source.ts";

const Json: z.ZodType<JsonObject> = z.record(z.string(), z.json());
const Properties = Json.catch({});
const Names = z.array(z.string()).catch([]);

/**
 * Says what is wrong with `tool_config.bound`, whoever calls.
 * @throws AppError TOOL_MISCONFIGURED for a name that nothing has.
 */
export function assertBound(bound: JsonObject): void {
  const fields = readCallerFields(null);
  const { argument, caller: names } = placeholdersOf(bound);
  const unknown = [
    ...argument.map((name) => `{${name}}`),
    ...names.filter((name) => fields[name] === undefined).map((name) => `{{${name}}}`),
  ][0];
  if (unknown !== undefined)
    throw new AppError(
      "TOOL_MISCONFIGURED",
      `tool_config.bound: there is no ${unknown}. There are ${Object.keys(fields)
        .map((name) => `{{${name}}}`)
        .join(", ")}.`,
    );
}

/**
 * The values of `tool_config.bound` for this caller: `{{contact.phone}}` becomes its value.
 * @throws AppError TOOL_ARGUMENTS_INVALID for what is not known of this contact, as without it a server
 * would answer for all; TOOL_MISCONFIGURED for a name that nothing has.
 */
export function bindArguments(bound: JsonObject, caller: ToolCaller): JsonObject {
  assertBound(bound);
  return Json.parse(fillJson(bound, { arguments: {}, caller: readCallerFields(caller) }));
}

/**
 * The arguments of a call: what the model said, and over it what is bound. A bound name is never the
 * model's: who has no phone could be given another's.
 * @throws AppError as `bindArguments`.
 */
export function fillArguments(
  input: JsonObject,
  bound: JsonObject,
  caller: ToolCaller,
): JsonObject {
  const own = Object.entries(input).filter(([name]) => !Object.hasOwn(bound, name));
  return { ...Object.fromEntries(own), ...bindArguments(bound, caller) };
}

/** The arguments that a schema names, of those that a model passed. */
export function onlyDeclared(input: JsonObject, schema: JsonObject): JsonObject {
  const declared = Properties.parse(schema["properties"]);
  return Object.fromEntries(
    Object.entries(input).filter(([name]) => Object.hasOwn(declared, name)),
  );
}

/** A schema of arguments without those that the server adds, so that no model sees or sets them. */
export function withoutBound(schema: JsonObject, bound: JsonObject): JsonObject {
  const isVisible = (name: string) => !Object.hasOwn(bound, name);
  const properties = Object.entries(Properties.parse(schema["properties"]));
  return {
    ...schema,
    type: "object",
    properties: Object.fromEntries(properties.filter(([name]) => isVisible(name))),
    required: Names.parse(schema["required"]).filter(isVisible),
  };
}
