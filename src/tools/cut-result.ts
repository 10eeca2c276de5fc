import type { JsonValue } from "#domain/webhook-event.ts";

/** Characters of a result that a model gets: about 5,000 tokens. */
export const RESULT_LENGTH_MAX = 20_000;

/** A result that a model can read: a longer one is cut, which is said in it. */
export function cutResult(result: JsonValue): JsonValue {
  const text = typeof result === "string" ? result : JSON.stringify(result);
  if (text.length <= RESULT_LENGTH_MAX) return result;
  // no half of a character at the end
  const cut = text.slice(0, RESULT_LENGTH_MAX).replace(/[\ud800-\udbff]$/u, "");
  return {
    beginning: cut,
    note: `The result has ${text.length} characters; only the beginning is shown. Ask for less to see the rest.`,
  };
}
