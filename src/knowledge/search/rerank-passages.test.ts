import { expect, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import type { Ranking } from "#providers/reranking/reranking.ts";
import { rerankPassages } from "./rerank-passages.ts";

const never = new AbortController().signal;
const passages = Array.from({ length: 40 }, (_, index) => ({
  chunkId: String(index),
  sourceId: "s",
  sourceName: "Handbook",
  text: `passage ${index}`,
  page: null,
  headings: [],
  similarity: 0.5,
  lexical: 1,
  score: 1 / (index + 1),
}));

async function rerank(answer: () => Promise<Ranking>, model: string | null = "test:model") {
  const sent: (readonly string[])[] = [];
  const warnings: string[] = [];
  const deps = {
    rerankings: {
      get: (name: string) => ({
        model: name,
        rank: (_question: string, texts: readonly string[]) => {
          sent.push(texts);
          return answer();
        },
      }),
    },
    logger: { warn: (_: object, message: string) => void warnings.push(message) },
  };
  const found = await rerankPassages(deps, { model, question: "q", passages, topK: 5 }, never);
  return { ...found, ids: found.passages.map(({ chunkId }) => chunkId), sent, warnings };
}

test("the best thirty are read with what stands above them, and the model's order counts", async () => {
  const ranked = [
    { index: 7, relevance: 0.9 },
    { index: 0, relevance: 0.4 },
  ];
  const found = await rerank(async () => ({ ranked, tokens: 12 }));

  expect(found.sent.map((texts) => texts.length)).toEqual([30]);
  expect(found.sent[0]?.[0]).toBe("Handbook\npassage 0");
  expect(found.ids.slice(0, 4)).toEqual(["7", "0", "1", "2"]);
  expect(found.passages[0]?.score).toBe(0.9);
  expect(found.reranked).toEqual({ model: "test:model", tokens: 12 });
});

test("no passage is lost or doubled", async () => {
  const ranked = [{ index: 3, relevance: 0.9 }];
  const { ids } = await rerank(async () => ({ ranked, tokens: 0 }));
  expect(new Set(ids).size).toBe(passages.length);
  expect(ids).toHaveLength(passages.length);
});

test("a model that fails leaves the order as it was, with a warning", async () => {
  const found = await rerank(() => Promise.reject(new AppError("MODEL_TIMEOUT", "late")));
  expect(found.ids).toEqual(passages.map(({ chunkId }) => chunkId));
  expect(found.reranked).toBeNull();
  expect(found.warnings).toHaveLength(1);
});

test("without a model nothing is asked", async () => {
  const found = await rerank(() => Promise.reject(new Error("asked")), null);
  expect(found.sent).toEqual([]);
  expect(found.ids).toHaveLength(passages.length);
});
