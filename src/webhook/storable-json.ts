import type { JsonValue } from "#domain/webhook-event.ts";

/** Levels of arrays and objects that are kept. Meta's deepest known payload has about twelve. */
export const STORED_DEPTH_MAX = 64;

/** What stands in place of anything nested deeper than `STORED_DEPTH_MAX`. */
export const PRUNED_MARKER = "[pruned: nested too deeply]";

/**
 * A copy of parsed JSON that PostgreSQL can store and `JSON.stringify` can write.
 *
 * NUL characters and lone surrogates, in strings and in keys, become U+FFFD. Deeper nesting than
 * `STORED_DEPTH_MAX` becomes a marker. A number that JSON writes but a double cannot hold
 * (`1e999`) becomes null, and so does anything else that JSON does not know. Keys such as
 * `__proto__` stay plain data. The walk is a loop, so that no nesting can exhaust the stack.
 */
export function toStorableJson(value: unknown): JsonValue {
  const pending: Pending[] = [];
  const result = copyShallowly(value, 0, pending);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    fill(next, pending);
  }
  return result;
}

/** A text without NUL characters and lone surrogates; each becomes U+FFFD. */
export function toStorableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** A container whose copy exists already, but is still empty. */
type Pending =
  | {
      readonly kind: "list";
      readonly source: readonly unknown[];
      readonly copy: JsonValue[];
      readonly depth: number;
    }
  | {
      readonly kind: "object";
      readonly source: object;
      readonly copy: Record<string, JsonValue>;
      readonly depth: number;
    };

function copyShallowly(value: unknown, depth: number, pending: Pending[]): JsonValue {
  if (typeof value === "string") return toStorableText(value);
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "object" || value === null) return null;
  if (depth >= STORED_DEPTH_MAX) return PRUNED_MARKER;

  if (Array.isArray(value)) {
    const copy: JsonValue[] = [];
    if (value.length > 0) pending.push({ kind: "list", source: value, copy, depth });
    return copy;
  }
  const copy: Record<string, JsonValue> = {};
  pending.push({ kind: "object", source: value, copy, depth });
  return copy;
}

function fill(container: Pending, pending: Pending[]): void {
  const depth = container.depth + 1;
  if (container.kind === "list") {
    for (const item of container.source) container.copy.push(copyShallowly(item, depth, pending));
    return;
  }
  const entries: readonly (readonly [string, unknown])[] = Object.entries(container.source);
  for (const [key, item] of entries) {
    setOwn(container.copy, toStorableText(key), copyShallowly(item, depth, pending));
  }
}

/** Plain assignment to `__proto__` would replace the prototype instead of adding a key. */
function setOwn(target: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key !== "__proto__") {
    target[key] = value;
    return;
  }
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
