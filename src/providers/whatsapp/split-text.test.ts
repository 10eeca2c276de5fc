import fc from "fast-check";
import { expect, test } from "vitest";
import { splitText } from "./split-text.ts";

const words = (count: number, word = "word"): string => Array(count).fill(word).join(" ");

test("a text within the limit stays one message", () => {
  expect(splitText("a".repeat(4_000))).toEqual(["a".repeat(4_000)]);
  expect(splitText("  Hello\n\nworld \n")).toEqual(["Hello\n\nworld"]);
});

test("nothing makes no message", () => {
  expect(splitText("")).toEqual([]);
  expect(splitText(" \n\n ")).toEqual([]);
});

test("a long text parts between paragraphs before it parts anywhere else", () => {
  const first = `${words(12)}.\n${words(2)}.`;
  const second = `${words(6)}. ${words(6)}.`;

  expect(splitText(`${first}\n\n${second}`, 100)).toEqual([first, second]);
});

test("without paragraphs it parts between lines, then sentences, then words", () => {
  expect(splitText(`${words(12)}. One.\n${words(12)}. Two.`, 100)).toEqual([
    `${words(12)}. One.`,
    `${words(12)}. Two.`,
  ]);
  expect(splitText(`${words(12)}. ${words(12)}.`, 100)).toEqual([`${words(12)}.`, `${words(12)}.`]);
  expect(splitText(words(30), 100)).toEqual([words(19), words(11)]);
});

test("sentences without spaces between them part too", () => {
  const sentence = `${"字".repeat(30)}。`;

  expect(splitText(sentence.repeat(4), 100)).toEqual([sentence.repeat(3), sentence]);
});

test("a word without end is parted between what a person sees as characters", () => {
  const family = "👨‍👩‍👧‍👦";
  const parts = splitText(family.repeat(15), 100);

  expect(parts.join("")).toBe(family.repeat(15));
  for (const part of parts) expect(part.replaceAll(family, "")).toBe("");
});

test("an address is not torn apart when there is a place before it", () => {
  const address = `https://example.com/${"a".repeat(60)}`;
  const parts = splitText(`See ${address} for this${"!".repeat(40)}`, 100);

  expect(parts[0]).toBe(`See ${address} for`);
  expect(splitText(`${"字".repeat(50)}${address}`, 100)).toEqual(["字".repeat(50), address]);
  expect(splitText(`Look: ${"b".repeat(10)} https://example.com/${"a".repeat(75)}`, 100)).toEqual([
    `Look: ${"b".repeat(10)}`,
    `https://example.com/${"a".repeat(75)}`,
  ]);
});

test("a code block that goes on in the next part is closed and opened again", () => {
  const code = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, line) => `  line(${from + line});`).join("\n");

  expect(splitText(`\`\`\`\n${code(10, 20)}\n\`\`\`\nDone.`, 100)).toEqual([
    `\`\`\`\n${code(10, 17)}\n\`\`\``,
    `\`\`\`\n${code(17, 20)}\n\`\`\`\nDone.`,
  ]);
});

test("a code block that ends where the part ends is not opened again", () => {
  const block = `\`\`\`\n${words(4)}\n${words(14)}\n\`\`\``;

  expect(splitText(`${block}\nDone with all of it.`, 100)).toEqual([block, "Done with all of it."]);
});

test("backticks and endless characters are parted without tearing what belongs together", () => {
  const afterBackticks = splitText(`${"a".repeat(95)}\`\`\`${"b".repeat(30)}\`\`\``, 100);
  const endless = splitText(`😀${"\u0301".repeat(150)}`, 100);

  expect(afterBackticks).toEqual(["a".repeat(95), `\`\`\`${"b".repeat(30)}\`\`\``]);
  expect(endless.join("")).toBe(`😀${"\u0301".repeat(150)}`);
});

test("a text parts before a code block rather than inside it", () => {
  const block = `\`\`\`\n${words(8)}\n${words(4)}\n\`\`\``;

  expect(splitText(`${words(10)}:\n${block}`, 100)).toEqual([`${words(10)}:`, block]);
});

test("what does not fit into three parts is cut off with a sign", () => {
  const parts = splitText(words(2_000), 200);

  expect(parts).toHaveLength(3);
  expect(parts[2]).toMatch(/word\n\n\[…\]$/);
});

test("the first part is filled further when the rest would not fit otherwise", () => {
  const text = `${words(12)}\n\n${words(200)}`.slice(0, 262);

  expect(splitText(text, 100).join(" ")).not.toContain("[…]");
});

test("a short first part is not bought with a torn sentence later", () => {
  const sentences = Array<string>(5)
    .fill(`${words(13)} then.`)
    .join(" ");

  const parts = splitText(`${words(15)} one.\n\n${sentences}`, 200);

  expect(parts.map((part) => part.match(/then\./g)?.length)).toEqual([1, 2, 2]);
});

const PIECES = [
  "word ",
  "Satz. ",
  "\n",
  "\n\n",
  "```\n",
  "`x`",
  "字。",
  "👨‍👩‍👧",
  "e\u0301",
  "https://a.b/c_d ",
];
const texts = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 200, size: "max" })
  .map((pieces) => pieces.join(""));
const limits = fc.integer({ min: 64, max: 300 });

test("every part has something in it and keeps within the limit, whatever the text is", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        texts,
        fc.string({ unit: "binary", maxLength: 1_500, size: "max" }),
        fc.string({ maxLength: 1_500, size: "max" }),
      ),
      limits,
      (text, limitUnits) => {
        const parts = splitText(text, limitUnits);
        expect(parts.length).toBeLessThanOrEqual(3);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(limitUnits);
          expect(part.trim()).not.toBe("");
          expect(part.isWellFormed() || !text.isWellFormed()).toBe(true);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("nothing is lost but white space and fences while the parts are not full", () => {
  const bare = (text: string): string => text.replaceAll(/\s|```/g, "");
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PIECES), { minLength: 30, maxLength: 400, size: "max" }),
      fc.integer({ min: 100, max: 400 }),
      (pieces, limitUnits) => {
        const text = pieces
          .join("")
          .trim()
          .slice(0, limitUnits * 2.4)
          .replace(/`+$/, "");
        const parts = splitText(text, limitUnits);
        expect(bare(parts.join("\n"))).toBe(bare(text));
      },
    ),
    { numRuns: 500 },
  );
});

test("every part has whole code blocks", () => {
  fc.assert(
    fc.property(texts, limits, (pieces, limitUnits) => {
      const text = pieces.split("```").length % 2 === 1 ? pieces : `${pieces}\n\`\`\``;
      for (const part of splitText(text, limitUnits)) expect(part.split("```").length % 2).toBe(1);
    }),
    { numRuns: 500 },
  );
});
