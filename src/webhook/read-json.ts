import type { JsonObject, JsonValue } from "#domain/webhook-event.ts";

/**
 * Readers for JSON of which nothing is certain: each answers with the wanted kind or with nothing,
 * and never throws. Meta adds fields and types without notice, and a webhook that we refuse is sent
 * again for seven days; so a missing field costs that field and no more.
 */

/** Characters of the longest id that we use. Longer ones would not fit a PostgreSQL index entry. */
export const ID_LENGTH_MAX = 512;

/** The object under a key; an empty one if there is none. */
export function readObject(parent: JsonObject, key: string): JsonObject {
  return asObject(readOwn(parent, key)) ?? {};
}

/** The list under a key; an empty one if there is none. */
export function readList(parent: JsonObject, key: string): readonly JsonValue[] {
  return asList(readOwn(parent, key)) ?? [];
}

/** The objects in the list under a key, without whatever else stands between them. */
export function readObjects(parent: JsonObject, key: string): readonly JsonObject[] {
  return readList(parent, key).filter(isObject);
}

/** The text under a key, as it is; nothing if it is no text or blank. */
export function readText(parent: JsonObject, key: string): string | undefined {
  const value = readOwn(parent, key);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/** The id under a key, also one written as a number; nothing if it is blank or absurdly long. */
export function readId(parent: JsonObject, key: string): string | undefined {
  const value = readOwn(parent, key);
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  const text = readText(parent, key);
  return text !== undefined && text.length <= ID_LENGTH_MAX ? text : undefined;
}

/** The value itself if it is an object. */
export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return value !== undefined && isObject(value) ? value : undefined;
}

/** The value itself if it is a list. */
export function asList(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  return value !== undefined && isList(value) ? value : undefined;
}

/** The object without some of its keys. */
export function omitKeys(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** Keys may come from the webhook, so `constructor` must not find what every object inherits. */
function readOwn(parent: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(parent, key) ? parent[key] : undefined;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
