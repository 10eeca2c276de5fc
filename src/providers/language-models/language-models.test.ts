import { expect, test } from "vitest";
import {
  anthropicText,
  chatCompletionText,
  googleText,
  openaiText,
  startFakeModelServer,
} from "./fake-model-server-for-tests.ts";
import type { FakeModelReply } from "./fake-model-server-for-tests.ts";
import { createLanguageModels } from "./language-models.ts";

const PROMPT = {
  prompt: [
    { role: "system" as const, content: "Be kind." },
    { role: "user" as const, content: [{ type: "text" as const, text: "A secret question" }] },
  ],
};

const PROVIDERS = [
  { name: "openai:gpt-test", path: "/responses", body: openaiText("Hello"), key: "authorization" },
  {
    name: "google:gemini-test",
    path: "/models/gemini-test:generateContent",
    body: googleText("Hello"),
    key: "x-goog-api-key",
  },
  {
    name: "anthropic:claude-test",
    path: "/messages",
    body: anthropicText("Hello"),
    key: "x-api-key",
  },
  {
    name: "openai-compatible:llama3.1:8b",
    path: "/chat/completions",
    body: chatCompletionText("Hello"),
    key: "authorization",
  },
];

/** A fake provider that stands behind every name, and models that know only it. */
async function startModels(replies: readonly FakeModelReply[], timeoutMs = 5_000) {
  const server = await startFakeModelServer(replies);
  const reach = { apiKey: "key-of-the-test", baseUrl: server.url };
  const models = createLanguageModels({
    openai: reach,
    google: reach,
    anthropic: reach,
    openaiCompatible: reach,
    timeoutMs,
  });
  return {
    models,
    requests: server.requests,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await models.close();
    },
  };
}

test.each(PROVIDERS)("$name answers over its own API, with tokens counted", async (provider) => {
  await using fake = await startModels([{ body: provider.body }]);
  const result = await fake.models.get(provider.name).doGenerate(PROMPT);
  expect(result.content).toMatchObject([{ type: "text", text: "Hello" }]);
  expect(result.usage.inputTokens.total).toBe(11);
  expect(result.usage.outputTokens.total).toBe(7);
  expect(fake.requests).toHaveLength(1);
  expect(fake.requests[0]?.path).toBe(provider.path);
  expect(fake.requests[0]?.headers[provider.key]).toContain("key-of-the-test");
});

test("OpenAI is told to keep nothing", async () => {
  await using fake = await startModels([{ body: openaiText("Hello") }]);
  await fake.models.get("openai:gpt-test").doGenerate(PROMPT);
  expect(fake.requests[0]?.body).toMatchObject({ model: "gpt-test", store: false });
});

const FAILURES: { what: string; reply: FakeModelReply; failure: Record<string, unknown> }[] = [
  {
    what: "429 with retry-after",
    reply: { status: 429, headers: { "retry-after": "7" }, body: { error: { message: "slow" } } },
    failure: { code: "MODEL_RATE_LIMITED", retryAfterMs: 7_000, retryable: true },
  },
  {
    what: "429 with a wait in milliseconds",
    reply: { status: 429, headers: { "retry-after-ms": "250" }, body: "" },
    failure: { code: "MODEL_RATE_LIMITED", retryAfterMs: 250 },
  },
  {
    what: "402, credit used up",
    reply: { status: 402, body: {} },
    failure: { code: "MODEL_RATE_LIMITED" },
  },
  {
    what: "500",
    reply: { status: 500, body: "<html>" },
    failure: { code: "MODEL_UNAVAILABLE", details: { status: 500 } },
  },
  {
    what: "529, overloaded",
    reply: { status: 529, body: {} },
    failure: { code: "MODEL_UNAVAILABLE" },
  },
  {
    what: "a status number that HTTP does not have",
    reply: { status: 799, body: {} },
    failure: { code: "MODEL_UNAVAILABLE" },
  },
  {
    what: "401",
    reply: { status: 401, body: { error: { message: "bad key" } } },
    failure: { code: "MODEL_KEY_INVALID", retryable: false },
  },
  {
    what: "403",
    reply: { status: 403, body: {} },
    failure: { code: "MODEL_KEY_INVALID" },
  },
  {
    what: "400 for the key, as Gemini does",
    reply: {
      status: 400,
      body: { error: { code: 400, message: "x", details: [{ reason: "API_KEY_INVALID" }] } },
    },
    failure: { code: "MODEL_KEY_INVALID" },
  },
  {
    what: "400",
    reply: { status: 400, body: { error: { message: "too long" } } },
    failure: { code: "MODEL_REQUEST_REJECTED", retryable: false },
  },
  {
    what: "404",
    reply: { status: 404, body: { error: { message: "no model" } } },
    failure: { code: "MODEL_REQUEST_REJECTED", details: { status: 404 } },
  },
  {
    what: "a redirect",
    reply: { status: 307, headers: { location: "http://127.0.0.1:9/" }, body: "" },
    failure: { code: "MODEL_REQUEST_REJECTED" },
  },
  {
    what: "a broken connection",
    reply: "drop",
    failure: { code: "MODEL_UNAVAILABLE" },
  },
  {
    what: "text that is not JSON",
    reply: { body: "certainly not JSON" },
    failure: { code: "MODEL_ANSWER_UNUSABLE", retryable: true },
  },
  {
    what: "JSON of another shape",
    reply: { body: { output: 5, candidates: 5, content: 5, choices: 5 } },
    failure: { code: "MODEL_ANSWER_UNUSABLE" },
  },
  { what: "nothing at all", reply: { body: "" }, failure: { code: "MODEL_ANSWER_UNUSABLE" } },
];

for (const { what, reply, failure } of FAILURES) {
  test.each(PROVIDERS)(`${what} from $name becomes our own code`, async ({ name }) => {
    await using fake = await startModels([reply]);
    const call = fake.models.get(name).doGenerate(PROMPT);
    const error = await Promise.resolve(call).then(
      () => expect.unreachable("the call succeeded"),
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ name: "AppError", ...failure });
    expect(JSON.stringify(error)).not.toContain("secret");
  });
}

test("an error never carries the prompt, not even in its causes", async () => {
  await using fake = await startModels([
    { status: 400, body: { error: { message: "A secret question" } } },
  ]);
  const error: unknown = await Promise.resolve(
    fake.models.get("openai:gpt-test").doGenerate(PROMPT),
  ).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  for (let at = error; at instanceof Error; at = at.cause) {
    expect(JSON.stringify([at.message, Object.entries(at)])).not.toContain("secret");
  }
});

test("a provider that never answers ends at the time limit", async () => {
  await using fake = await startModels(["hang"], 40);
  await expect(fake.models.get("openai:gpt-test").doGenerate(PROMPT)).rejects.toMatchObject({
    code: "MODEL_TIMEOUT",
    retryable: true,
  });
});

test("a call that its caller ends throws the caller's reason", async () => {
  await using fake = await startModels(["hang"]);
  const controller = new AbortController();
  const reason = new Error("the worker stops");
  const call = Promise.resolve(
    fake.models.get("google:gemini-test").doGenerate({ ...PROMPT, abortSignal: controller.signal }),
  );
  controller.abort(reason);
  await expect(call).rejects.toBe(reason);
});

test("an endless answer is cut off", async () => {
  await using fake = await startModels([{ body: openaiText("x".repeat(9 * 1024 * 1024)) }]);
  await expect(fake.models.get("openai:gpt-test").doGenerate(PROMPT)).rejects.toMatchObject({
    code: "MODEL_ANSWER_UNUSABLE",
  });
});

test.each(["", "gpt-test", "openai:", "openai: ", "azure:gpt", ":x", "demo:other", "__proto__:x"])(
  "the name %j is refused with the possible ones",
  async (name) => {
    const models = createLanguageModels({ timeoutMs: 1_000 });
    expect(() => models.get(name)).toThrow(
      expect.objectContaining({
        code: "MODEL_UNKNOWN",
        message: expect.stringContaining(
          "openai:<model>, google:<model>, anthropic:<model>, openai-compatible:<model> or demo:extractive",
        ),
      }),
    );
    await models.close();
  },
);

test.each([
  ["openai:gpt-test", "OPENAI_API_KEY"],
  ["google:gemini-test", "GEMINI_API_KEY"],
  ["anthropic:claude-test", "ANTHROPIC_API_KEY"],
])("%s without a key names the variable to set", async (name, variable) => {
  const models = createLanguageModels({ openai: { apiKey: "" }, timeoutMs: 1_000 });
  expect(() => models.get(name)).toThrow(
    expect.objectContaining({
      code: "MODEL_KEY_INVALID",
      message: expect.stringContaining(variable),
    }),
  );
  await models.close();
});

test("openai-compatible works without a key, but not without an address", async () => {
  await using server = await startFakeModelServer([{ body: chatCompletionText("Hello") }]);
  const models = createLanguageModels({
    openaiCompatible: { baseUrl: server.url },
    timeoutMs: 1_000,
  });
  const { content } = await models.get("openai-compatible:llama").doGenerate(PROMPT);
  expect(content).toMatchObject([{ type: "text", text: "Hello" }]);
  expect(server.requests[0]?.headers.authorization).toBeUndefined();
  await models.close();

  const none = createLanguageModels({ timeoutMs: 1_000 });
  expect(() => none.get("openai-compatible:llama")).toThrow(
    expect.objectContaining({ message: expect.stringContaining("OPENAI_COMPATIBLE_BASE_URL") }),
  );
});

test("a model is built once and kept", async () => {
  const models = createLanguageModels({ openai: { apiKey: "key" }, timeoutMs: 1_000 });
  expect(models.get("openai:gpt-test")).toBe(models.get("openai:gpt-test"));
  await models.close();
});
