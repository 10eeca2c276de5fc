import type { JsonValue } from "#domain/webhook-event.ts";

/** Digits of the longest phone number that we take. E.164 allows 15; the rest is leniency. */
const PHONE_DIGITS_MAX = 32;

/**
 * The digits of a phone number (`+1 555-123-4567` → `15551234567`), as Meta writes a WhatsApp id.
 * Nothing for an empty text, which one gateway sends for people without a number, and for anything
 * that is no phone number.
 */
export function normalizePhone(value: JsonValue | undefined): string | undefined {
  const text = typeof value === "number" && value >= 0 ? String(value) : value;
  if (typeof text !== "string" || text.length > 2 * PHONE_DIGITS_MAX) return undefined;
  const digits = text
    .trim()
    .replace(/^\+/u, "")
    .replaceAll(/[ ().-]/gu, "");
  return /^[0-9]+$/u.test(digits) && digits.length <= PHONE_DIGITS_MAX ? digits : undefined;
}
