import { AppError } from "#domain/errors.ts";
import type { JsonObject, JsonValue } from "#domain/webhook-event.ts";
import { placeholdersOf } from "#tools/http/fill-template.ts";

/** Windmill puts a secret in the place of such a text, with the rights of whoever runs the script. */
const REFERENCE = /^\s*\$\w+:/;
/** What the platform's token may resolve for a tenant. */
const PLATFORM_REFERENCE = /^\$(res|var):f\/tools(\/[\w-]+)+$/;

/**
 * Refuses arguments with a reference that neither the tenant's configuration nor the server put there.
 * @throws AppError TOOL_REQUEST_REJECTED
 */
export function assertHarmless(input: JsonValue): void {
  if (textsOf(input).some((text) => REFERENCE.test(text))) throw rejected();
}

/**
 * Refuses values of `bound` that became a reference by what a customer calls themselves: their name is
 * their own word. One that stands in the configuration as it is stays.
 * @throws AppError TOOL_REQUEST_REJECTED
 */
export function assertFilledHarmlessly(bound: JsonObject, filled: JsonObject): void {
  for (const [name, template] of Object.entries(bound))
    if (placeholdersOf(template).caller.length > 0) compare(template, filled[name]);
}

/**
 * Refuses references in `bound` that a tenant has no right to, though the platform's token has.
 * @throws AppError TOOL_MISCONFIGURED
 */
export function assertOwnReferences(bound: JsonObject): void {
  for (const text of textsOf(bound))
    if (REFERENCE.test(text) && !PLATFORM_REFERENCE.test(text))
      throw new AppError(
        "TOOL_MISCONFIGURED",
        "Without a token of its own, tool_config.bound refers to $res:f/tools/… and $var:f/tools/… only.",
      );
}

function compare(template: JsonValue, filled: JsonValue | undefined): void {
  if (typeof template === "string") {
    if (template !== filled && typeof filled === "string" && REFERENCE.test(filled))
      throw rejected();
    return;
  }
  if (!isNested(template) || !isNested(filled)) return;
  const values = new Map<string, JsonValue>(Object.entries(filled));
  const parts: (readonly [string, JsonValue])[] = Object.entries(template);
  for (const [key, part] of parts) compare(part, values.get(key));
}

const isNested = (value: JsonValue | undefined): value is JsonObject | readonly JsonValue[] =>
  typeof value === "object" && value !== null;

function textsOf(value: JsonValue): readonly string[] {
  if (typeof value === "string") return [value];
  return isNested(value) ? Object.values(value).flatMap((each: JsonValue) => textsOf(each)) : [];
}

function rejected(): AppError {
  return new AppError(
    "TOOL_REQUEST_REJECTED",
    "No argument may begin with a dollar sign, a word and a colon.",
  );
}
