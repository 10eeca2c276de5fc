import { expect, test } from "vitest";
import { parseTimestamp } from "./parse-timestamp.ts";

const fallback = new Date("2026-11-25T00:00:00Z");

test("seconds are read from a text and from a number", () => {
  const expected = new Date(1_790_000_000_000);
  expect(parseTimestamp("1790000000", fallback)).toEqual(expected);
  expect(parseTimestamp(1_790_000_000, fallback)).toEqual(expected);
});

test("garbage gives the time of receipt", () => {
  const odd = ["", "yesterday", "-5", "0", "1e9", "99999999999999999999", 1_790_000_000_000, 0.5];
  for (const value of [...odd, null, true, [], {}, undefined]) {
    expect(parseTimestamp(value, fallback)).toBe(fallback);
  }
});
