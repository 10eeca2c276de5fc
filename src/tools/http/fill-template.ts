import { AppError } from "#domain/errors.ts";
import type { JsonObject, JsonValue } from "#domain/webhook-event.ts";

/** Values for the placeholders of a template. */
export type TemplateValues = {
  /** For `{name}`. */
  readonly arguments: JsonObject;
  /** For `{{contact.phone}}` and the like: what the server knows. */
  readonly caller: Readonly<Record<string, string | null>>;
};

/** `{{caller.field}}` or `{argument}`. */
const PLACEHOLDER = /\{\{\s*([\w.]+)\s*\}\}|\{([\w-]+)\}/g;
const WHOLE = /^(?:\{\{\s*([\w.]+)\s*\}\}|\{([\w-]+)\})$/;

/**
 * A text with its placeholders filled, each value once through `encode`; what is inserted is never read as a
 * template itself. Null when nothing but an argument's placeholder stood there and it has no value.
 * @throws AppError TOOL_ARGUMENTS_INVALID when a caller's field has no value: left out, it would widen what
 * is asked for from one customer to all.
 */
export function fillText(
  template: string,
  values: TemplateValues,
  encode: (text: string) => string,
): string | null {
  const whole = WHOLE.exec(template);
  if (whole !== null && valueOf(whole, values) === undefined) return null;
  return template.replaceAll(PLACEHOLDER, (...match) =>
    encode(toText(valueOf([match[0], match[1], match[2]], values))),
  );
}

/**
 * A JSON template with its placeholders filled. A text that is one placeholder becomes the value as it is,
 * with its type; a field or entry of which the argument is missing is left out.
 * @throws AppError TOOL_ARGUMENTS_INVALID when a caller's field has no value.
 */
export function fillJson(template: JsonValue, values: TemplateValues): JsonValue | undefined {
  if (typeof template === "string") {
    const whole = WHOLE.exec(template);
    if (whole !== null) return valueOf(whole, values);
    return fillText(template, values, (text) => text) ?? undefined;
  }
  if (Array.isArray(template))
    return template
      .map((entry: JsonValue) => fillJson(entry, values))
      .filter((entry) => entry !== undefined);
  if (typeof template !== "object" || template === null) return template;
  const filled = Object.entries(template).flatMap(([key, part]) => {
    const value = fillJson(part, values);
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries<JsonValue>(filled);
}

/** The names in the placeholders of a template. */
export function placeholdersOf(template: JsonValue): {
  readonly argument: readonly string[];
  readonly caller: readonly string[];
} {
  const found = textsOf(template).flatMap((text) => [...text.matchAll(PLACEHOLDER)]);
  return {
    argument: found.flatMap(([, , name]) => name ?? []),
    caller: found.flatMap(([, name]) => name ?? []),
  };
}

function textsOf(template: JsonValue): readonly string[] {
  if (typeof template === "string") return [template];
  if (typeof template !== "object" || template === null) return [];
  return Object.values(template).flatMap((value: JsonValue) => textsOf(value));
}

function valueOf(
  [, callerField, argument]: readonly (string | undefined)[],
  values: TemplateValues,
): JsonValue | undefined {
  if (callerField !== undefined) return callerValue(callerField, values);
  if (argument === undefined || !Object.hasOwn(values.arguments, argument)) return undefined;
  return values.arguments[argument];
}

function callerValue(field: string, { caller }: TemplateValues): string {
  const value = caller[field] ?? "";
  if (value === "")
    throw new AppError(
      "TOOL_ARGUMENTS_INVALID",
      `This needs ${field}, which is not known of this customer. Nothing was done.`,
    );
  return value;
}

function toText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
