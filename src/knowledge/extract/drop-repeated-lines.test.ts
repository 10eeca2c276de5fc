import { expect, test } from "vitest";
import { dropRepeatedLines } from "./drop-repeated-lines.ts";
import { lineText, type PdfLine } from "./pdf-lines.ts";

/** A page with a line each 14 points, and its last line far below. */
function buildPage(page: number, texts: readonly string[], foot: string): PdfLine[] {
  return [...texts, foot].map((text, index) => {
    const y = index === texts.length ? 30 : 800 - index * 14;
    return { page, cells: [{ text, x: 60 }], x: 60, endX: 300, y, size: 11 };
  });
}

function textsOf(pages: readonly (readonly PdfLine[])[]): string[] {
  return pages.flat().map(lineText);
}

test("page numbers go, a repeated head stands once", () => {
  const pages = Array.from({ length: 6 }, (_, index) =>
    buildPage(
      index + 1,
      ["Aurora Ltd.", `Text ${"abcdef".charAt(index)}`, "more"],
      `Page ${String(index + 3)} of 40`,
    ),
  );
  const texts = textsOf(dropRepeatedLines(pages));
  expect(texts.filter((text) => text === "Aurora Ltd.")).toHaveLength(1);
  expect(texts.filter((text) => text.startsWith("Page"))).toEqual([]);
  expect(texts.filter((text) => text.startsWith("Text"))).toHaveLength(6);
});

test("a numbered line of the text is no page number", () => {
  const pages = Array.from({ length: 6 }, (_, index) =>
    buildPage(
      index + 1,
      [`Rule ${String(index + 1)}`, "applies", "always"],
      `Total ${String(index * 7)}`,
    ),
  );
  const texts = textsOf(dropRepeatedLines(pages));
  expect(texts.filter((text) => text.startsWith("Rule"))).toHaveLength(6);
  expect(texts.filter((text) => text.startsWith("Total"))).toHaveLength(6);
});
