import fc from "fast-check";
import { expect, test } from "vitest";
import { toStorableText } from "./to-storable-text.ts";

test("a text within the limit stays whole", () => {
  expect(toStorableText(" one two ", 10)).toEqual({ text: "one two", isCut: false });
});

test("a longer one is cut between words where it can be", () => {
  expect(toStorableText("one two three", 9)).toEqual({ text: "one two", isCut: true });
  expect(toStorableText("onetwothree", 6)).toEqual({ text: "onetwo", isCut: true });
});

test("what comes out can be stored, and is no longer than allowed", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }),
      fc.integer({ min: 1, max: 20 }),
      (given, lengthMax) => {
        const { text } = toStorableText(`${given}\0\ud83d${given}`, lengthMax);
        expect(text.length).toBeLessThanOrEqual(lengthMax);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toContain("\0");
      },
    ),
  );
});
