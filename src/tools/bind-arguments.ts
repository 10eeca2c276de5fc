import { AppError } from "#domain/errors.ts";
import type { JsonObject, JsonValue } from "#domain/webhook-event.ts";
import type { ToolCaller } from "./tool-source.ts";

/** What the server knows of a call, by the name that bound arguments use. */
export function callerFields(caller: ToolCaller): Readonly<Record<string, string | null>> {
  return {
    "contact.id": caller.contactId,
    "contact.phone": caller.contact.phone,
    "contact.user_id": caller.contact.userId,
    "contact.name": caller.contact.name,
    "conversation.id": caller.conversationId,
    "chatbot.id": caller.chatbotId,
    "organization.id": caller.organizationId,
  };
}

/**
 * The values of `tool_config.bound` for this caller: `{{contact.phone}}` becomes its value. One that is
 * not known of this contact is left out.
 * @throws AppError TOOL_MISCONFIGURED for a name that nothing has.
 */
export function bindArguments(bound: JsonObject, caller: ToolCaller): JsonObject {
  const fields = callerFields(caller);
  const bind = (value: JsonValue): JsonValue | null => {
    if (typeof value !== "string") return value;
    const name = /^\{\{\s*([\w.]+)\s*\}\}$/.exec(value)?.[1];
    if (name === undefined) return value;
    const known = fields[name];
    if (known !== undefined) return known;
    throw new AppError(
      "TOOL_MISCONFIGURED",
      `There is no {{${name}}}. There are ${Object.keys(fields).join(", ")}.`,
    );
  };
  const values = Object.entries(bound).map(([name, value]) => [name, bind(value)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== null));
}

/** A schema of arguments without those that the server adds, so that no model sees or sets them. */
export function withoutBound(schema: JsonObject, bound: JsonObject): JsonObject {
  const { properties, required } = schema;
  const isVisible = (name: string) => !Object.hasOwn(bound, name);
  const shown = Object.entries(isObject(properties) ? properties : {});
  return {
    ...schema,
    type: "object",
    properties: Object.fromEntries(shown.filter(([name]) => isVisible(name))),
    ...(Array.isArray(required)
      ? { required: required.filter((name) => isVisible(String(name))) }
      : {}),
  };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
