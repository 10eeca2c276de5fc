import fc from "fast-check";
import { expect, test } from "vitest";
import { splitEnd } from "./split-end.ts";

const words = (count: number): string => Array(count).fill("word").join(" ");

test("a text within the limit is all end", () => {
  expect(splitEnd("  Which one? ", 100)).toEqual({ before: "", end: "Which one?" });
});

test("the last paragraph is the end, then the last line, then the last sentence", () => {
  expect(splitEnd(`${words(30)}\n\n${words(5)}\n\nWhich one?`, 100)).toEqual({
    before: `${words(30)}\n\n${words(5)}`,
    end: "Which one?",
  });
  expect(splitEnd(`${words(30)}\nSo. Which one?`, 100)).toEqual({
    before: words(30),
    end: "So. Which one?",
  });
  expect(splitEnd(`${words(30)}. So? Which one?`, 100)).toEqual({
    before: `${words(30)}. So?`,
    end: "Which one?",
  });
});

test("where there is no sentence the end is as many words as fit", () => {
  expect(splitEnd(words(40), 100)).toEqual({ before: words(21), end: words(19) });
});

test("a code block that the end begins in is closed and opened again", () => {
  const code = `\`\`\`\n${Array(40).fill("line();").join("\n")}\n\`\`\``;
  const { before, end } = splitEnd(code, 100);

  expect(before).toMatch(/line\(\);\n```$/);
  expect(end).toMatch(/^```\nline\(\);/);
  expect(end.length).toBeLessThanOrEqual(100);
});

test("no end is longer than its limit, empty, or begins with half a character, and nothing is lost", () => {
  const piece = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.constantFrom("\n\n", "\n", ". ", "? ", "👨‍👩‍👧‍👦", "```\n", " ", "。", "e\u0301\u0301"),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 80 }),
      fc.integer({ min: 64, max: 300 }),
      (all, limit) => {
        const text = all.join("");
        const { before, end } = splitEnd(text, limit);

        expect(end.length).toBeLessThanOrEqual(limit);
        expect(end === "").toBe(text.trim() === "");
        expect((before + end).isWellFormed()).toBe(text.isWellFormed());
        expect(before.isWellFormed() && end.isWellFormed()).toBe(text.isWellFormed());
        const bare = (value: string) => value.replaceAll(/\s|```/g, "");
        expect(bare(before) + bare(end)).toBe(bare(text));
      },
    ),
  );
});
