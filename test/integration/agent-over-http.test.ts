import { expect, test } from "vitest";
import { z } from "zod";
import { contextOf, instantClock, mapCheckpoint } from "#agent/fakes-for-tests.ts";
import { runAgent } from "#agent/run-agent.ts";
import type { RunAgentDeps } from "#agent/run-agent.ts";
import { silentLogger } from "#platform/logger.ts";
import {
  googleText,
  openaiText,
  openaiToolCall,
  startFakeModelServer,
} from "#providers/language-models/fake-model-server-for-tests.ts";
import type { FakeModelReply } from "#providers/language-models/fake-model-server-for-tests.ts";
import { createLanguageModels } from "#providers/language-models/language-models.ts";

const NEVER = new AbortController().signal;

type World = {
  readonly openai: readonly FakeModelReply[];
  readonly google?: readonly FakeModelReply[];
  readonly timeoutMs?: number;
};

/** The agent with real HTTP to a fake OpenAI and, as its fallback, a fake Gemini. */
async function startWorld({ openai, google = [], timeoutMs = 5_000 }: World) {
  const openaiServer = await startFakeModelServer(openai);
  const googleServer = await startFakeModelServer(google);
  const models = createLanguageModels({
    openai: { apiKey: "key", baseUrl: openaiServer.url },
    google: { apiKey: "key", baseUrl: googleServer.url },
    timeoutMs,
  });
  const { clock, sleptMs } = instantClock();
  const journal = mapCheckpoint();
  const chatbot = {
    ...contextOf().chatbot,
    model: "openai:gpt-test",
    fallbackModel: google.length > 0 ? "google:gemini-test" : null,
  };
  const run = (changes: Partial<RunAgentDeps> = {}) =>
    runAgent(
      {
        models,
        // Tools wait for the clock's time limit, which must not come at once.
        clock: {
          ...clock,
          sleep: (ms, signal) => (ms < 30_000 ? clock.sleep(ms, signal) : new Promise(() => {})),
        },
        checkpoint: journal.checkpoint,
        logger: silentLogger,
        ...changes,
      },
      { context: contextOf({ chatbot }), signal: NEVER },
    );
  return {
    run,
    openaiRequests: openaiServer.requests,
    googleRequests: googleServer.requests,
    sleptMs,
    [Symbol.asyncDispose]: async () => {
      await openaiServer[Symbol.asyncDispose]();
      await googleServer[Symbol.asyncDispose]();
      await models.close();
    },
  };
}

const TOOLS = {
  find_hours: {
    description: "Finds opening hours.",
    inputSchema: z.object({ day: z.string() }),
    execute: async () => ({ opens: "09:00" }),
  },
};

test("an answer in words comes back with the provider's token numbers", async () => {
  await using world = await startWorld({ openai: [{ body: openaiText("At nine.") }] });
  expect(await world.run()).toMatchObject({
    text: "At nine.",
    calls: [{ model: "openai:gpt-test", inputTokens: 11, outputTokens: 7 }],
  });
});

test("two failures of the server are waited out", async () => {
  const down = { status: 500, body: {} };
  await using world = await startWorld({ openai: [down, down, { body: openaiText("At nine.") }] });
  expect((await world.run()).text).toBe("At nine.");
  expect(world.openaiRequests).toHaveLength(3);
  expect(world.sleptMs).toEqual([500, 1_000]);
});

test("the provider's retry-after is kept", async () => {
  const slow = { status: 429, headers: { "retry-after": "2" }, body: {} };
  await using world = await startWorld({ openai: [slow, { body: openaiText("At nine.") }] });
  await world.run();
  expect(world.sleptMs).toEqual([2_000]);
});

test("a tool call goes round the loop, and the model sees its result", async () => {
  await using world = await startWorld({
    openai: [
      { body: openaiToolCall("call_1", "find_hours", { day: "Monday" }) },
      { body: openaiText("At nine.") },
    ],
  });
  const answer = await world.run({ tools: TOOLS });
  expect(answer.text).toBe("At nine.");
  expect(answer.calls.map(({ inputTokens }) => inputTokens)).toEqual([20, 11]);
  expect(JSON.stringify(world.openaiRequests[1]?.body)).toContain("09:00");
});

test("the fifth request forbids tools", async () => {
  const call = (id: string) => ({ body: openaiToolCall(id, "find_hours", { day: "Monday" }) });
  await using world = await startWorld({
    openai: [call("1"), call("2"), call("3"), call("4"), { body: openaiText("At nine.") }],
  });
  const answer = await world.run({ tools: TOOLS });
  expect(answer.calls).toHaveLength(5);
  expect(
    world.openaiRequests.map(
      ({ body }) => z.object({ tool_choice: z.string() }).parse(body).tool_choice,
    ),
  ).toEqual(["auto", "auto", "auto", "auto", "none"]);
});

test("a model that hangs is replaced by the fallback model", async () => {
  await using world = await startWorld({
    openai: ["hang"],
    google: [{ body: googleText("At nine.") }],
    timeoutMs: 150,
  });
  expect((await world.run()).calls).toMatchObject([{ model: "google:gemini-test" }]);
});

test("a fallback in the middle of a turn takes the tool results over", async () => {
  await using world = await startWorld({
    openai: [
      { body: openaiToolCall("call_1", "find_hours", { day: "Monday" }) },
      { status: 401, body: {} },
    ],
    google: [{ body: googleText("At nine.") }],
  });
  const answer = await world.run({ tools: TOOLS });
  expect(answer.calls.map(({ model }) => model)).toEqual(["openai:gpt-test", "google:gemini-test"]);
  expect(JSON.stringify(world.googleRequests[0]?.body)).toContain("09:00");
});

test("garbage three times is a failure that says so", async () => {
  await using world = await startWorld({ openai: [{ body: "no JSON" }] });
  await expect(world.run()).rejects.toMatchObject({ code: "MODEL_ANSWER_UNUSABLE" });
  expect(world.openaiRequests).toHaveLength(3);
});

test("OpenAI's sealed thoughts travel to the next call, though nothing is kept there", async () => {
  const call = openaiToolCall("call_1", "find_hours", { day: "Monday" });
  const thought = {
    type: "reasoning",
    id: "rs_1",
    summary: [],
    encrypted_content: "sealed-thought",
  };
  await using world = await startWorld({
    openai: [
      { body: { ...call, output: [thought, ...call.output] } },
      { body: openaiText("At nine.") },
    ],
  });
  await world.run({ tools: TOOLS });
  const next = JSON.stringify(world.openaiRequests[1]?.body);
  expect(next).toContain('"encrypted_content":"sealed-thought"');
  expect(next).not.toContain("item_reference");
});

test("Gemini's thought signature travels to the next call", async () => {
  const call = {
    candidates: [
      {
        content: {
          role: "model",
          parts: [
            {
              functionCall: { name: "find_hours", args: { day: "Monday" } },
              thoughtSignature: "signed-thought",
            },
          ],
        },
        finishReason: "STOP",
      },
    ],
    usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 7 },
  };
  await using world = await startWorld({
    openai: [{ status: 401, body: {} }],
    google: [{ body: call }, { body: googleText("At nine.") }],
  });
  await world.run({ tools: TOOLS });
  expect(JSON.stringify(world.googleRequests[1]?.body)).toContain("signed-thought");
});
