import { expect, test } from "vitest";
import type { CandidatePassage } from "#store/knowledge-search.ts";
import { mergeCandidates } from "./merge-candidates.ts";

const candidate = (
  chunkId: string,
  similarity: number | null,
  lexical: number,
): CandidatePassage => ({
  chunkId,
  sourceId: "source",
  sourceName: "Manual",
  text: chunkId,
  page: null,
  headings: [],
  similarity,
  lexical,
});

test("a passage that both have found is there once, with the better of each score", () => {
  expect(
    mergeCandidates([
      [candidate("1", 0.2, 7), candidate("2", 0.5, 0)],
      [candidate("3", 0.1, 1), candidate("1", 0.6, 0)],
    ]),
  ).toEqual([candidate("1", 0.6, 7), candidate("2", 0.5, 0), candidate("3", 0.1, 1)]);
});

test("a similarity that only one of them has counts, and none stays none", () => {
  expect(
    mergeCandidates([
      [candidate("1", null, 1), candidate("2", null, 1)],
      [candidate("1", 0.3, 2), candidate("2", null, 3)],
    ]),
  ).toEqual([candidate("1", 0.3, 2), candidate("2", null, 3)]);
});
