import { expect, test } from "vitest";
import {
  type FakeModelReply,
  startFakeModelServer,
} from "#providers/language-models/fake-model-server-for-tests.ts";
import { createRerankings } from "./rerankings.ts";

const never = new AbortController().signal;

async function open(replies: readonly FakeModelReply[], timeoutMs = 5_000) {
  const server = await startFakeModelServer(replies);
  const provider = { apiKey: "key", baseUrl: `${server.url}/v2/` };
  const rerankings = createRerankings({ cohere: provider, compatible: provider, timeoutMs });
  return {
    server,
    rerankings,
    [Symbol.asyncDispose]: async () => {
      await rerankings.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

const results = [
  { index: 1, relevance_score: 0.2 },
  { index: 0, relevance_score: 0.9 },
];

test("question and passages go out in Cohere's words, and come back the best first", async () => {
  await using world = await open([
    { body: { id: "1", results, meta: { billed_units: { search_units: 1 } } } },
  ]);
  const ranking = await world.rerankings.get("cohere:rerank-v3.5").rank("q", ["a", "b"], never);
  expect(ranking).toEqual({
    ranked: [
      { index: 0, relevance: 0.9 },
      { index: 1, relevance: 0.2 },
    ],
    tokens: 0,
  });
  expect(world.server.requests).toEqual([
    expect.objectContaining({
      path: "/v2/rerank",
      headers: expect.objectContaining({ authorization: "Bearer key" }),
      body: { model: "rerank-v3.5", query: "q", documents: ["a", "b"] },
    }),
  ]);
});

test("tokens are told where a server counts them", async () => {
  await using world = await open([{ body: { results, usage: { total_tokens: 42 } } }]);
  const model = world.rerankings.get("openai-compatible:bge-reranker-v2-m3");
  expect(await model.rank("q", ["a", "b"], never)).toMatchObject({ tokens: 42 });
});

test.for([
  [{ status: 401, body: "" }, "MODEL_KEY_INVALID"],
  [{ status: 429, headers: { "retry-after": "3" }, body: "" }, "MODEL_RATE_LIMITED"],
  [{ status: 503, body: "" }, "MODEL_UNAVAILABLE"],
  ["drop", "MODEL_UNAVAILABLE"],
  ["hang", "MODEL_TIMEOUT"],
  [{ body: "not JSON" }, "MODEL_ANSWER_UNUSABLE"],
  [{ body: { results: [{ index: 7, relevance_score: 1 }] } }, "MODEL_ANSWER_UNUSABLE"],
] as const)("a failure is told in our words: %j", async ([reply, code]) => {
  await using world = await open([reply], 100);
  const model = world.rerankings.get("cohere:rerank-v3.5");
  await expect(model.rank("q", ["a", "b"], never)).rejects.toMatchObject({ code });
});

test("a name that cannot be opened says what to set", () => {
  const none = { apiKey: undefined, baseUrl: undefined };
  const { get } = createRerankings({
    cohere: { apiKey: undefined, baseUrl: "http://127.0.0.1:9" },
    compatible: none,
    timeoutMs: 1,
  });
  expect(() => get("cohere:rerank-v3.5")).toThrow("COHERE_API_KEY");
  expect(() => get("openai-compatible:x")).toThrow("RERANKING_BASE_URL");
  expect(() => get("nobody:x")).toThrow("cohere:rerank-v3.5 or openai-compatible:<model>");
});
