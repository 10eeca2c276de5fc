import { z } from "zod";
import type { JsonValue } from "#domain/webhook-event.ts";

/** Gives parsed JSON its type; JSON.parse makes nothing else. */
const ParsedJson = z.custom<JsonValue>();

/** A backslash escape of JSON: `\u0000`, a lone surrogate, or any other, which stays. */
const ESCAPE = /\\(?:u[0-9a-f]{4}|.)/giu;
const NEEDS_CARE = /\\u(?:0000|d[89a-f])/iu;

/**
 * The value as JSON holds it, so that a result is the same whether it was just made or read back
 * from a checkpoint. NUL characters vanish and lone surrogates become U+FFFD, since PostgreSQL
 * stores neither. Throws `TypeError` for cycles and BigInts.
 */
export function toJsonValue(value: unknown): JsonValue {
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined) return null;
  const clean = NEEDS_CARE.test(json) ? json.replaceAll(ESCAPE, cleanEscape) : json;
  return ParsedJson.parse(JSON.parse(clean));
}

/** JSON.stringify writes surrogates as escapes only when they are alone. */
function cleanEscape(escape: string): string {
  if (escape === "\\u0000") return "";
  return /^\\ud[89a-f]/iu.test(escape) ? "\ufffd" : escape;
}
