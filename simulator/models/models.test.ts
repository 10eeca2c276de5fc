import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogle } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embed, embedMany, generateText, isStepCount, tool, transcribe } from "ai";
import { expect, test } from "vitest";
import { z } from "zod";
import { startBusiness } from "../test-support/start-business.ts";

const connect = (url: string) => ({
  openai: createOpenAI({ apiKey: "key", baseURL: `${url}/openai/v1` }),
  compatible: createOpenAICompatible({ name: "other", apiKey: "key", baseURL: `${url}/openai/v1` }),
  google: createGoogle({ apiKey: "key", baseURL: `${url}/gemini/v1beta` }),
  anthropic: createAnthropic({ apiKey: "key", baseURL: `${url}/anthropic/v1` }),
});
type Providers = ReturnType<typeof connect>;

const MODELS = {
  "OpenAI responses": ({ openai }: Providers) => openai("gpt-5"),
  "OpenAI chat": ({ openai }: Providers) => openai.chat("gpt-5"),
  "OpenAI compatible": ({ compatible }: Providers) => compatible("llama"),
  Gemini: ({ google }: Providers) => google("gemini-3-flash"),
  Anthropic: ({ anthropic }: Providers) => anthropic("claude-sonnet-4-5"),
} as const;

test.for(Object.entries(MODELS))(
  "%s answers with an echo, counts tokens and is recorded",
  async ([, choose]) => {
    const { simulator } = await startBusiness();
    const result = await generateText({
      model: choose(connect(simulator.url)),
      instructions: "Be kind.",
      messages: [
        { role: "user", content: "Old question" },
        { role: "assistant", content: "Old answer" },
        { role: "user", content: "One" },
        { role: "user", content: "Two" },
      ],
    });
    expect(result.text).toBe("You said: One / Two");
    expect(result.finishReason).toBe("stop");
    expect(result.usage.inputTokens).toBeGreaterThan(5);
    expect(result.usage.outputTokens).toBeGreaterThan(1);
    expect(simulator.models.requests()).toMatchObject([
      { order: 1, kind: "chat", system: "Be kind.", texts: ["One", "Two"], tools: [] },
    ]);
  },
);

test.for(Object.entries(MODELS))("%s calls a tool and hears its result", async ([, choose]) => {
  const { simulator } = await startBusiness();
  simulator.models.script(({ turns }) =>
    turns.at(-1)?.role === "tool"
      ? undefined
      : { toolCalls: [{ name: "weather", input: { city: "Porto" } }] },
  );
  const result = await generateText({
    model: choose(connect(simulator.url)),
    prompt: "What is the weather in Porto?",
    stopWhen: isStepCount(3),
    tools: {
      weather: tool({
        inputSchema: z.object({ city: z.string() }),
        execute: ({ city }) => `Sun over ${city}`,
      }),
    },
  });
  expect(result.text).toBe("The tool answered: Sun over Porto");
  expect(result.steps).toHaveLength(2);
  expect(simulator.models.requests().map(({ tools }) => tools)).toEqual([["weather"], ["weather"]]);
});

test("queued answers are used once each, before the script", async () => {
  const { simulator } = await startBusiness();
  const { openai } = connect(simulator.url);
  simulator.models.script(() => "from the script");
  simulator.models.queue("first", { text: "second" });
  const ask = async () => (await generateText({ model: openai("gpt-5"), prompt: "?" })).text;
  expect([await ask(), await ask(), await ask()]).toEqual(["first", "second", "from the script"]);
});

test("embeddings have the dimensions asked for, and related texts are nearer", async () => {
  const { simulator } = await startBusiness();
  const { openai, google } = connect(simulator.url);
  const { embeddings } = await embedMany({
    model: openai.embeddingModel("text-embedding-ada-002"),
    values: ["opening hours of the bakery", "the bakery has long opening hours", "a red bicycle"],
  });
  const near = (left: number, right: number) =>
    embeddings[left]?.reduce(
      (sum, entry, index) => sum + entry * (embeddings[right]?.[index] ?? 0),
      0,
    ) ?? 0;
  expect(embeddings[0]).toHaveLength(1536);
  expect(near(0, 1)).toBeGreaterThan(near(0, 2) + 0.3);
  const providerOptions = { google: { outputDimensionality: 768 } };
  const model = google.embeddingModel("gemini-embedding-001");
  expect((await embed({ model, value: "one", providerOptions })).embedding).toHaveLength(768);
  expect(
    (await embedMany({ model, values: ["one", "two"], providerOptions })).embeddings,
  ).toHaveLength(2);
});

test("a voice message is transcribed", async () => {
  const { simulator } = await startBusiness();
  const model = connect(simulator.url).openai.transcription("whisper-1");
  const { text } = await transcribe({ model, audio: new Uint8Array([0x4f, 0x67, 0x67, 0x53]) });
  expect(text).toBe("This is what the voice message says.");
});

test.for([
  ["rate-limit", "Rate limit reached."],
  ["invalid-key", "Incorrect API key provided."],
  ["server-error", "The server had an error."],
  ["drop", "Cannot connect to API"],
  ["garbage", "Invalid JSON response"],
] as const)("the fault %s is an error for the caller, and only once", async ([fault, message]) => {
  const { simulator } = await startBusiness();
  const model = connect(simulator.url).anthropic("claude-sonnet-4-5");
  simulator.setFaults({ models: { next: [fault] } });
  await expect(generateText({ model, prompt: "Hi", maxRetries: 0 })).rejects.toThrow(message);
  expect((await generateText({ model, prompt: "Hi", maxRetries: 0 })).text).toBe("You said: Hi");
  expect(simulator.models.requests()).toHaveLength(2);
});

test("a rate-limited caller that heeds retry-after is answered", async () => {
  const { simulator } = await startBusiness();
  simulator.setFaults({ models: { next: ["rate-limit"] } });
  const response = await fetch(`${simulator.url}/openai/v1/responses`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-5", input: "Hi" }),
  });
  expect(response.status).toBe(429);
  expect(response.headers.get("retry-after")).toBe("1");
});

test("a hanging model never answers; the caller's time limit ends it", async () => {
  const { simulator } = await startBusiness();
  simulator.setFaults({ models: { next: ["hang", "empty"] } });
  const model = connect(simulator.url).google("gemini-3-flash");
  const hanging = generateText({
    model,
    prompt: "Hi",
    maxRetries: 0,
    abortSignal: AbortSignal.timeout(50),
  });
  await expect(hanging).rejects.toThrow("timeout");
  expect((await generateText({ model, prompt: "Hi" })).text).toBe("");
});
