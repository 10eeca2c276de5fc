import fc from "fast-check";
import { expect, test } from "vitest";
import type { DocumentBlock } from "#domain/document.ts";
import { joinBlocks } from "#domain/document.ts";
import { splitDocument } from "./split-document.ts";

const block = (text: string, headings: readonly string[] = [], page: number | null = null) => ({
  text,
  headings,
  page,
});

const sentence = "The shop opens at nine and closes at six on every day but Sunday. ";

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 400 }),
  fc
    .array(
      fc.constantFrom("営業時間は", "ساعات العمل ", "horário. ", "a", "👩‍👩‍👧", " ", "\n", "x. "),
      {
        maxLength: 200,
      },
    )
    .map((parts) => parts.join("")),
  fc
    .array(fc.stringMatching(/^[a-z ]{1,80}$/), { maxLength: 12 })
    .map((cells) => cells.map((cell) => `| ${cell} | 3.50 |`).join("\n")),
);
const blocks = fc.array(
  fc.record({
    text,
    headings: fc.constantFrom([], ["Prices"], ["Prices", "Repairs"]),
    page: fc.constantFrom(null, 1, 2),
  }),
  { maxLength: 8 },
);
const limits = fc.constantFrom(
  { chunkLengthMax: 1000, overlapMax: 200 },
  { chunkLengthMax: 100, overlapMax: 20 },
  { chunkLengthMax: 30, overlapMax: 0 },
);

test("every passage is what the document holds at its offsets, and is within the limit", () => {
  fc.assert(
    fc.property(blocks, limits, (document, sizes) => {
      const whole = joinBlocks(document);
      const chunks = splitDocument(document, sizes);
      chunks.forEach((chunk, index) => {
        expect(chunk.position).toBe(index);
        expect(chunk.text).toBe(whole.slice(chunk.startOffset, chunk.endOffset));
        expect(chunk.text.trim()).toBe(chunk.text);
        expect(chunk.text.length).toBeGreaterThan(0);
        expect(chunk.text.length).toBeLessThanOrEqual(sizes.chunkLengthMax);
        expect(chunk.text.isWellFormed()).toBe(true);
      });
    }),
    { numRuns: 300 },
  );
});

test("no text is lost, nothing but the overlap is repeated, and passages advance", () => {
  fc.assert(
    fc.property(blocks, limits, (document, sizes) => {
      const whole = joinBlocks(document);
      let covered = 0;
      for (const { startOffset, endOffset } of splitDocument(document, sizes)) {
        expect(whole.slice(covered, startOffset).trim()).toBe("");
        expect(covered - startOffset).toBeLessThanOrEqual(sizes.overlapMax);
        expect(endOffset).toBeGreaterThan(covered);
        covered = endOffset;
      }
      expect(whole.slice(covered).trim()).toBe("");
    }),
    { numRuns: 300 },
  );
});

test("a table row that fits into a passage is never cut", () => {
  const row = fc
    .stringMatching(/^[a-z]{1,20}( [a-z]{1,20}){0,6}$/)
    .map((cell) => `| ${cell} | 3 |`);
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), limits, (rows, sizes) => {
      const short = rows.filter((line) => line.length <= sizes.chunkLengthMax);
      const chunks = splitDocument([block(short.join("\n"))], sizes);
      for (const line of chunks.flatMap((chunk) => chunk.text.split("\n"))) {
        expect(short).toContain(line);
      }
    }),
  );
});

test("a passage has the headings of its text and the page on which it begins", () => {
  const document: DocumentBlock[] = [
    block("Open daily.", ["Shop"], 1),
    block("Closed on Sundays.", ["Shop"], 2),
    block("Screws cost 3.50.", ["Shop", "Prices"], 2),
  ];
  expect(splitDocument(document)).toEqual([
    {
      position: 0,
      text: "Open daily.\n\nClosed on Sundays.",
      headings: ["Shop"],
      page: 1,
      startOffset: 0,
      endOffset: 31,
    },
    {
      position: 1,
      text: "Screws cost 3.50.",
      headings: ["Shop", "Prices"],
      page: 2,
      startOffset: 33,
      endOffset: 50,
    },
  ]);
});

test("long prose is cut between sentences, and the next passage repeats whole sentences", () => {
  const chunks = splitDocument([block(sentence.repeat(60).trim())]);
  expect(chunks.length).toBeGreaterThan(3);
  for (const chunk of chunks) {
    expect(chunk.text).toMatch(/^The shop/);
    expect(chunk.text).toMatch(/Sunday\.$/);
    expect(chunk.text.length).toBeGreaterThan(500);
  }
  const [first, second] = chunks;
  expect((first?.endOffset ?? 0) - (second?.startOffset ?? 0)).toBeGreaterThan(100);
});

test("a paragraph's end is taken before a later sentence's end", () => {
  const [first] = splitDocument([
    block(sentence.repeat(11).trim()),
    block(sentence.repeat(11).trim()),
  ]);
  expect(first?.text).toBe(sentence.repeat(11).trim());
});

test("Japanese without spaces is cut between sentences", () => {
  const chunks = splitDocument([block("営業時間は九時から六時までです。".repeat(200))]);
  for (const chunk of chunks) expect(chunk.text).toMatch(/^営業.*です。$/);
});

test("a text without any boundary is cut between characters at the limit", () => {
  const chunks = splitDocument([block("x".repeat(2500))]);
  expect(chunks.map((chunk) => chunk.text.length)).toEqual([1000, 1000, 820]);
  for (const { text: part } of splitDocument([block("👩‍👩‍👧".repeat(500))])) {
    expect(part.length % "👩‍👩‍👧".length).toBe(0);
  }
});

test("a large document is cut in little time", () => {
  const document = Array.from({ length: 3_000 }, () => block(sentence.repeat(10)));
  const start = performance.now();
  expect(splitDocument(document).length).toBeGreaterThan(2_000);
  expect(performance.now() - start).toBeLessThan(5_000);
});
