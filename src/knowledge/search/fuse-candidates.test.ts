import { expect, test } from "vitest";
import type { CandidatePassage } from "#store/knowledge-search.ts";
import { embeddingDefaults } from "./embedding-defaults.ts";
import { fuseCandidates } from "./fuse-candidates.ts";

let ids = 0;
function candidate(values: Partial<CandidatePassage>): CandidatePassage {
  ids += 1;
  return {
    chunkId: String(ids),
    sourceId: "source",
    sourceName: "Manual",
    text: "",
    page: null,
    headings: [],
    similarity: 0,
    lexical: 0,
    ...values,
  };
}

const local = embeddingDefaults("local:hash").fusion;
const ranks = embeddingDefaults("openai:text-embedding-3-small").fusion;
const texts = (passages: readonly CandidatePassage[]) => passages.map(({ text }) => text);

test("with the offline embedding a clear winner by words stays first", () => {
  const ranked = fuseCandidates(
    "opening hours",
    [
      candidate({ text: "vague", lexical: 2, similarity: 0.4 }),
      candidate({ text: "opening hours", lexical: 9, similarity: 0.2 }),
    ],
    local,
  );
  expect(texts(ranked)).toEqual(["opening hours", "vague"]);
});

test("a misspelt question still finds the word that it means", () => {
  const ranked = fuseCandidates(
    "guarranty",
    [
      candidate({ text: "Delivery takes three days." }),
      candidate({ text: "The guarantee lasts two years." }),
    ],
    local,
  );
  expect(ranked[0]?.text).toBe("The guarantee lasts two years.");
});

test("with a real model, a passage that both ways find comes before what one finds", () => {
  const ranked = fuseCandidates(
    "price",
    [
      candidate({ text: "words", lexical: 9, similarity: 0.1 }),
      candidate({ text: "both", lexical: 8, similarity: 0.8 }),
      candidate({ text: "meaning", lexical: 0, similarity: 0.9 }),
      candidate({ text: "a little of both", lexical: 2, similarity: 0.5 }),
      candidate({ text: "little", lexical: 1, similarity: 0.4 }),
    ],
    ranks,
  );
  expect(ranked[0]?.text).toBe("both");
});

test("without an embedding, words alone decide, and equals keep the order of their ids", () => {
  const found = [
    candidate({ text: "second", lexical: 3, similarity: null }),
    candidate({ text: "third", lexical: 3, similarity: null }),
    candidate({ text: "first", lexical: 5, similarity: null }),
  ];
  expect(texts(fuseCandidates("?", found, ranks))).toEqual(["first", "second", "third"]);
});
