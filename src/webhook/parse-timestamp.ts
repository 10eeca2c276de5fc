import type { JsonValue } from "#domain/webhook-event.ts";

/** Seconds of 1 January 2009: WhatsApp did not exist before, so an earlier time is garbage. */
const EARLIEST_S = 1_230_768_000;

/** Seconds of 1 January 2100: milliseconds or nonsense are larger. */
const LATEST_S = 4_102_444_800;

/**
 * The time of Meta's `timestamp`: seconds since 1970, documented as a text, seen as a number too.
 * The fallback (when we received it) stands in for whatever cannot be such a time.
 */
export function parseTimestamp(value: JsonValue | undefined, fallback: Date): Date {
  const seconds = typeof value === "string" && /^[0-9]{1,16}$/u.test(value) ? Number(value) : value;
  return typeof seconds === "number" &&
    Number.isInteger(seconds) &&
    seconds >= EARLIEST_S &&
    seconds < LATEST_S
    ? new Date(seconds * 1000)
    : fallback;
}
