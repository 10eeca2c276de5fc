import fc from "fast-check";
import { expect, test } from "vitest";
import { fitText } from "./fit-text.ts";

test("a label that fits stays as it is, on one line and without Markdown", () => {
  expect(fitText(" **Pizza**\n`Roma` ", 20)).toBe("Pizza Roma");
  expect(fitText("a".repeat(20), 20)).toBe("a".repeat(20));
});

test("a long label is cut at a word, without what then dangles", () => {
  expect(fitText("Delivery tomorrow morning", 20)).toBe("Delivery tomorrow…");
  expect(fitText("Delivery, tomorrow in the morning", 12)).toBe("Delivery…");
});

test("a label without a word that fits is cut between what a person sees as characters", () => {
  expect(fitText("Donaudampfschifffahrtsgesellschaft", 20)).toBe("Donaudampfschifffah…");
  expect(fitText("👨‍👩‍👧‍👦".repeat(3), 20)).toBe("👨‍👩‍👧‍👦…");
});

test("what cannot be seen is no label", () => {
  expect(fitText("\u200d\u200b \n", 20)).toBe("");
  expect(fitText("**", 20)).toBe("");
});

test("no label is over its limit, loses half a character or has a line break", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" })),
      fc.integer({ min: 4, max: 72 }),
      (text, limit) => {
        const label = fitText(text, limit);

        expect(label.length).toBeLessThanOrEqual(limit);
        expect(label.isWellFormed()).toBe(true);
        expect(label).not.toMatch(/\n|^\s|\s$/);
      },
    ),
  );
});
