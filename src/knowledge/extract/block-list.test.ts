import fc from "fast-check";
import { expect, test } from "vitest";
import { createBlockList } from "./block-list.ts";

const LIMITS = { charactersMax: 1_000_000 };

test("a block stands under the headings above it, outermost first", () => {
  const list = createBlockList(LIMITS);
  list.addHeading(1, "Guide");
  list.addHeading(3, "Deep");
  list.addText("one");
  list.addHeading(2, "Next");
  list.startPage(4);
  list.addText("two");
  expect(list.finish()).toEqual([
    { text: "one", headings: ["Guide", "Deep"], page: null },
    { text: "two", headings: ["Guide", "Next"], page: 4 },
  ]);
});

test("a heading with nothing under it is not lost", () => {
  const list = createBlockList(LIMITS);
  list.addHeading(1, "Hours");
  list.addHeading(2, "Closed on Sundays");
  list.addHeading(1, "Prices");
  list.addText("All include tax.");
  expect(list.finish().map(({ text, headings }) => [...headings, text].join(" > "))).toEqual([
    "Hours > Closed on Sundays",
    "Prices > All include tax.",
  ]);
});

test("a long text is cut without a loss, and never inside a character", () => {
  fc.assert(
    fc.property(fc.constantFrom("😀", "word ", "x", "line\n"), fc.nat(25_000), (unit, count) => {
      const text = `a${unit.repeat(count)}z`;
      const list = createBlockList(LIMITS);
      list.addText(text);
      const parts = list.finish().map((block) => block.text);
      expect(parts.join("")).toBe(text);
      expect(parts.every((part) => part.length <= 20_000 && part.isWellFormed())).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("more text than allowed is refused", () => {
  const list = createBlockList({ charactersMax: 5 });
  expect(() => list.addText("too long")).toThrow("too much text");
});
