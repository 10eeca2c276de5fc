import { expect, test } from "vitest";
import { costOfEmbedding, costOfReranking } from "./cost-of-search.ts";

test("a million embedded tokens cost what the table says, and any at all at least a millionth", () => {
  expect(costOfEmbedding("openai:text-embedding-3-small", 1_000_000)).toBe(20_000);
  expect(costOfEmbedding("openai:text-embedding-3-small", 1)).toBe(1);
  expect(costOfEmbedding("local:hash", 1_000_000)).toBe(0);
});

test("a thousand re-rankings cost what the table says", () => {
  expect(costOfReranking("cohere:rerank-v3.5")).toBe(2_000);
});

test("an unknown price is unknown, never free", () => {
  expect(costOfEmbedding("openai-compatible:mine", 0)).toBeNull();
  expect(costOfEmbedding("constructor", 10)).toBeNull();
  expect(costOfReranking("openai-compatible:bge-reranker")).toBeNull();
});
