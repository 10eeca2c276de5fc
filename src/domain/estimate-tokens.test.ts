import fc from "fast-check";
import { expect, test } from "vitest";
import { estimateTokens } from "./estimate-tokens.ts";

test("Latin text counts a token for four characters", () => {
  expect(estimateTokens("")).toBe(0);
  expect(estimateTokens("abc")).toBe(1);
  expect(estimateTokens("a".repeat(400))).toBe(100);
});

test("each CJK character counts as a token", () => {
  expect(estimateTokens("営業時間は何時ですか")).toBe(10);
  expect(estimateTokens("안녕하세요 hello")).toBe(5 + 2);
});

test("more text never counts fewer tokens", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "grapheme" }),
      (first, second) => {
        expect(estimateTokens(first + second)).toBeGreaterThanOrEqual(estimateTokens(first));
      },
    ),
  );
});
