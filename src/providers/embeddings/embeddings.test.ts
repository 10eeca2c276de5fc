import { expect, test } from "vitest";
import { startFakeModelServer } from "#providers/language-models/fake-model-server-for-tests.ts";
import type { FakeModelReply } from "#providers/language-models/fake-model-server-for-tests.ts";
import { createEmbeddings } from "./embeddings.ts";

const never = new AbortController().signal;
const vector = (first: number, dimensions = 1536) =>
  Array.from({ length: dimensions }, (_, index) => (index === 0 ? first : 0));

function openaiEmbeddings(count: number, dimensions = 1536): FakeModelReply {
  const data = Array.from({ length: count }, (_, index) => ({
    object: "embedding",
    index,
    embedding: vector(2, dimensions),
  }));
  return {
    body: { object: "list", data, model: "m", usage: { prompt_tokens: 7, total_tokens: 7 } },
  };
}

async function open(replies: readonly FakeModelReply[], timeoutMs = 5_000) {
  const server = await startFakeModelServer(replies);
  const provider = { apiKey: "key", baseUrl: server.url };
  const embeddings = createEmbeddings({
    openai: provider,
    google: provider,
    openaiCompatible: provider,
    timeoutMs,
  });
  return {
    server,
    embeddings,
    [Symbol.asyncDispose]: async () => {
      await embeddings.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test("the offline embedding costs nothing and is near for texts with common words", async () => {
  const embeddings = createEmbeddings({ timeoutMs: 1_000 });
  const local = embeddings.get("local:hash");
  const { vectors, tokens } = await local.embedPassages(
    ["Our shop opens at nine in the morning.", "Repairs take three weeks.", ""],
    never,
  );
  const { vector: question } = await local.embedQuestion("When does the shop open?", never);
  const cosine = (other: readonly number[] = []) =>
    other.reduce((sum, value, index) => sum + value * (question[index] ?? 0), 0);
  expect(tokens).toBe(0);
  expect(cosine(vectors[0])).toBeGreaterThan(cosine(vectors[1]) + 0.1);
  for (const each of [...vectors, question]) {
    expect(each).toHaveLength(1536);
    expect(Math.hypot(...each)).toBeCloseTo(1, 6);
  }
  await embeddings.close();
});

test("ada-002 is not asked for dimensions, text-embedding-3 for 1536", async () => {
  await using world = await open([openaiEmbeddings(1)]);
  const ada = world.embeddings.get("openai:text-embedding-ada-002");
  const small = world.embeddings.get("openai:text-embedding-3-small");
  expect(await ada.embedPassages(["one"], never)).toEqual({ vectors: [vector(1)], tokens: 7 });
  await small.embedQuestion("two", never);
  expect(world.server.requests.map(({ path, body }) => ({ path, body }))).toEqual([
    {
      path: "/embeddings",
      body: { model: "text-embedding-ada-002", input: ["one"], encoding_format: "float" },
    },
    {
      path: "/embeddings",
      body: {
        model: "text-embedding-3-small",
        input: ["two"],
        encoding_format: "float",
        dimensions: 1536,
      },
    },
  ]);
});

test("many passages go out in batches, and come back in their order", async () => {
  await using world = await open([openaiEmbeddings(32), openaiEmbeddings(32), openaiEmbeddings(2)]);
  const ada = world.embeddings.get("openai:text-embedding-ada-002");
  const texts = Array.from({ length: 66 }, (_, index) => `text ${index}`);
  const { vectors, tokens } = await ada.embedPassages(texts, never);
  expect(vectors).toHaveLength(66);
  expect(tokens).toBe(21);
  expect(world.server.requests).toHaveLength(3);
  expect(world.server.requests[2]?.body).toMatchObject({ input: ["text 64", "text 65"] });
});

test("Gemini is told what is a passage and what a question, and its tokens are estimated", async () => {
  await using world = await open([
    { body: { embeddings: [{ values: vector(0.5) }, { values: vector(0.5) }] } },
    { body: { embedding: { values: vector(0.5) } } },
  ]);
  const gemini = world.embeddings.get("google:gemini-embedding-001");
  const passages = await gemini.embedPassages(["12345678", "1234"], never);
  const question = await gemini.embedQuestion("1234", never);
  expect(passages).toEqual({ vectors: [vector(1), vector(1)], tokens: 3 });
  expect(question).toEqual({ vector: vector(1), tokens: 1 });
  expect(world.server.requests[0]?.body).toMatchObject({
    requests: [
      { taskType: "RETRIEVAL_DOCUMENT", outputDimensionality: 1536 },
      { taskType: "RETRIEVAL_DOCUMENT", outputDimensionality: 1536 },
    ],
  });
  expect(world.server.requests[1]?.body).toMatchObject({ taskType: "RETRIEVAL_QUERY" });
});

test("a model of other dimensions is refused with a sentence", async () => {
  await using world = await open([openaiEmbeddings(1, 768)]);
  const model = world.embeddings.get("openai-compatible:nomic-embed-text");
  await expect(model.embedQuestion("one", never)).rejects.toMatchObject({
    code: "MODEL_REQUEST_REJECTED",
    message: expect.stringContaining("gives 768 dimensions"),
  });
});

test("a rate limit is passed on with its waiting time, and is not retried here", async () => {
  await using world = await open([
    { status: 429, headers: { "retry-after": "3" }, body: { error: { message: "slow down" } } },
  ]);
  const model = world.embeddings.get("openai:text-embedding-3-small");
  await expect(model.embedPassages(["one"], never)).rejects.toMatchObject({
    code: "MODEL_RATE_LIMITED",
    retryAfterMs: 3_000,
  });
  expect(world.server.requests).toHaveLength(1);
});

test("a provider that never answers ends in time, and the caller's signal ends the call", async () => {
  await using slow = await open(["hang"], 50);
  const model = slow.embeddings.get("openai:text-embedding-3-small");
  await expect(model.embedQuestion("one", never)).rejects.toMatchObject({ code: "MODEL_TIMEOUT" });
  await expect(
    model.embedQuestion("one", AbortSignal.abort(new Error("shutting down"))),
  ).rejects.toThrow("shutting down");
});

test("vectors that are no direction, or too few, are refused", async () => {
  const zero: FakeModelReply = { body: { data: [{ embedding: vector(0) }] } };
  await using world = await open([zero, openaiEmbeddings(1)]);
  const model = world.embeddings.get("openai:text-embedding-3-small");
  const unusable = { code: "MODEL_ANSWER_UNUSABLE" };
  await expect(model.embedQuestion("one", never)).rejects.toMatchObject(unusable);
  await expect(model.embedPassages(["one", "two"], never)).rejects.toMatchObject(unusable);
});

test.each(["hash", "local:", "local:bert", "anthropic:claude", "openai:"])(
  "the name %j is refused with the possibilities",
  async (name) => {
    await using world = await open([openaiEmbeddings(1)]);
    expect(() => world.embeddings.get(name)).toThrow(/There is no embedding model/);
  },
);

test("a missing key or address is named", () => {
  const embeddings = createEmbeddings({ timeoutMs: 1_000 });
  expect(() => embeddings.get("openai:text-embedding-3-small")).toThrow("OPENAI_API_KEY");
  expect(() => embeddings.get("google:gemini-embedding-001")).toThrow("GEMINI_API_KEY");
  expect(() => embeddings.get("openai-compatible:x")).toThrow("OPENAI_COMPATIBLE_BASE_URL");
});
