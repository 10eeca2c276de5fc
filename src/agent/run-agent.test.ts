import { expect, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import {
  callsTool,
  contextOf,
  customerSays,
  depsOf,
  fakeModels,
  hoursTool,
  instantClock,
  mapCheckpoint,
  says,
} from "./fakes-for-tests.ts";
import { MODEL_CALLS_MAX, runAgent } from "./run-agent.ts";
import type { RunAgentDeps } from "./run-agent.ts";

const NEVER = new AbortController().signal;

test("the model's words are the answer, with its tokens counted", async () => {
  const models = fakeModels({ "fake:one": [says(" At **nine**. ")] });
  const answer = await runAgent(depsOf({ models }), { context: contextOf(), signal: NEVER });
  expect(answer).toEqual({
    text: "At **nine**.",
    shape: null,
    attachments: [],
    calls: [{ model: "fake:one", inputTokens: 10, outputTokens: 5, durationMs: 0 }],
    toolCalls: [],
  });
});

test("the model gets the rules, the chatbot's prompt and every message of a burst in order", async () => {
  const models = fakeModels({ "fake:one": [says("Hello")] });
  const incoming = [customerSays("Hi"), customerSays("When do you open?")];
  await runAgent(depsOf({ models }), { context: contextOf({ incoming }), signal: NEVER });
  const prompt = models.asked[0]?.options.prompt ?? [];
  expect(prompt.map(({ role }) => role)).toEqual(["system", "user", "user"]);
  expect(JSON.stringify(prompt[0])).toContain("You sell pizza.");
  expect(JSON.stringify(prompt[1])).toContain("Hi");
  expect(JSON.stringify(prompt[2])).toContain("When do you open?");
});

test("the answer is there at once when the last checkpoint is passed", async () => {
  let hasLoopTurned = false;
  const models = fakeModels({ "fake:one": [says("At nine.")] });
  const checkpoint: RunAgentDeps["checkpoint"] = async (_name, work) => {
    const value = await work();
    setImmediate(() => {
      hasLoopTurned = true;
    });
    return value;
  };
  await runAgent(depsOf({ models, checkpoint }), { context: contextOf(), signal: NEVER });
  expect(hasLoopTurned).toBe(false);
});

test("a tool's result reaches the model, and both calls are counted", async () => {
  const models = fakeModels({
    "fake:one": [callsTool("find_hours", { day: "Monday" }), says("At nine.")],
  });
  const inputs: unknown[] = [];
  const tools = hoursTool(async (input) => {
    inputs.push(input);
    return { opens: "09:00" };
  });
  const answer = await runAgent(depsOf({ models, tools }), { context: contextOf(), signal: NEVER });
  expect(inputs).toEqual([{ day: "Monday" }]);
  expect(answer.text).toBe("At nine.");
  expect(answer.calls).toHaveLength(2);
  expect(answer.toolCalls).toEqual([{ name: "find_hours", status: "success", durationMs: 0 }]);
  expect(models.asked[1]?.options.prompt.at(-1)).toMatchObject({
    role: "tool",
    content: [{ output: { type: "json", value: { opens: "09:00" } } }],
  });
});

test("a resumed run repeats neither a model call nor a tool call", async () => {
  const journal = mapCheckpoint();
  let toolRuns = 0;
  const tools = hoursTool(async () => {
    toolRuns += 1;
    return { opens: "09:00", at: new Date(0) };
  });
  const script = { "fake:one": [callsTool("find_hours", { day: "Monday" }), says("At nine.")] };
  const first = await runAgent(
    depsOf({ models: fakeModels(script), tools, checkpoint: journal.checkpoint }),
    { context: contextOf(), signal: NEVER },
  );
  const silent = fakeModels({});
  const again = await runAgent(depsOf({ models: silent, tools, checkpoint: journal.checkpoint }), {
    context: contextOf(),
    signal: NEVER,
  });
  expect(again).toEqual(first);
  expect(silent.asked).toEqual([]);
  expect(toolRuns).toBe(1);
  expect(journal.ran).toEqual(["model-0", "tool-0-call-0", "model-1"]);
});

test.each([1, 2])("a run that dies after checkpoint %i goes on from there", async (died) => {
  const script = [callsTool("find_hours", { day: "Monday" }), says("At nine.")];
  const complete = mapCheckpoint();
  const tools = hoursTool(async () => "09:00");
  const whole = await runAgent(
    depsOf({
      models: fakeModels({ "fake:one": script }),
      tools,
      checkpoint: complete.checkpoint,
    }),
    { context: contextOf(), signal: NEVER },
  );
  const resumed = mapCheckpoint(new Map([...complete.stored].slice(0, died)));
  const models = fakeModels({ "fake:one": script.slice(1) });
  const answer = await runAgent(depsOf({ models, tools, checkpoint: resumed.checkpoint }), {
    context: contextOf(),
    signal: NEVER,
  });
  expect(answer).toEqual(whole);
  expect(models.asked).toHaveLength(1);
  expect(resumed.ran).toEqual([...complete.stored.keys()].slice(died));
});

test("a model that only ever calls tools is stopped at five calls, the last without tools", async () => {
  const models = fakeModels({
    "fake:one": [
      ({ toolChoice }) =>
        toolChoice?.type === "none"
          ? says("I give up.")
          : callsTool("find_hours", { day: "Monday" }),
    ],
  });
  const tools = hoursTool(async () => "closed");
  const answer = await runAgent(depsOf({ models, tools }), { context: contextOf(), signal: NEVER });
  expect(models.asked).toHaveLength(MODEL_CALLS_MAX);
  expect(answer.text).toBe("I give up.");
  expect(answer.toolCalls).toHaveLength(MODEL_CALLS_MAX - 1);
});

test("calls of the same id in different answers are different calls", async () => {
  const models = fakeModels({
    "fake:one": [
      callsTool("find_hours", { day: "Monday" }),
      callsTool("find_hours", { day: "Sunday" }),
      says("Done."),
    ],
  });
  const days: unknown[] = [];
  const tools = hoursTool(async (input) => days.push(input));
  await runAgent(depsOf({ models, tools }), { context: contextOf(), signal: NEVER });
  expect(days).toEqual([{ day: "Monday" }, { day: "Sunday" }]);
});

test.each([
  ["throws", () => Promise.reject(new AppError("NOT_FOUND", "No such day.")), "No such day."],
  ["throws something foreign", () => Promise.reject(new Error("token 123")), "The tool failed."],
  ["returns what JSON cannot hold", async () => 10n, "The tool failed."],
])("a tool that %s is told to the model and the run goes on", async (_what, execute, reason) => {
  const models = fakeModels({
    "fake:one": [callsTool("find_hours", { day: "Monday" }), says("Sorry.")],
  });
  const answer = await runAgent(depsOf({ models, tools: hoursTool(execute) }), {
    context: contextOf(),
    signal: NEVER,
  });
  expect(answer.text).toBe("Sorry.");
  expect(answer.toolCalls).toMatchObject([{ status: "failed" }]);
  const told = JSON.stringify(models.asked[1]?.options.prompt.at(-1));
  expect(told).toContain(reason);
  expect(told).not.toContain("token 123");
});

test("a tool that ignores its signal is left behind when its time is up", async () => {
  const { clock, sleptMs } = instantClock();
  const models = fakeModels({
    "fake:one": [callsTool("find_hours", { day: "Monday" }), says("Sorry.")],
  });
  const tools = hoursTool(() => new Promise<never>(() => {}));
  const answer = await runAgent(depsOf({ models, tools, clock }), {
    context: contextOf(),
    signal: NEVER,
  });
  expect(sleptMs).toEqual([30_000]);
  expect(answer.toolCalls).toMatchObject([{ status: "timeout" }]);
  expect(JSON.stringify(models.asked[1]?.options.prompt.at(-1))).toContain("within 30 seconds");
});

test("a call with wrong input or of an unknown tool is told to the model and counted as failed", async () => {
  const models = fakeModels({
    "fake:one": [callsTool("find_hours", { day: 5 }), callsTool("fly", {}), says("Sorry.")],
  });
  const tools = hoursTool(() => expect.unreachable("the tool ran"));
  const answer = await runAgent(depsOf({ models, tools }), { context: contextOf(), signal: NEVER });
  expect(answer.text).toBe("Sorry.");
  expect(answer.toolCalls).toEqual([
    { name: "find_hours", status: "failed", durationMs: 0 },
    { name: "fly", status: "failed", durationMs: 0 },
  ]);
});

test("losing the turn within a tool call ends the run instead of being told to the model", async () => {
  const lost = new AppError("TURN_OWNERSHIP_LOST", "taken over");
  const models = fakeModels({
    "fake:one": [callsTool("find_hours", { day: "Monday" }), says("never")],
  });
  const journal = mapCheckpoint();
  const checkpoint: RunAgentDeps["checkpoint"] = (name, work) =>
    name.startsWith("tool-") ? Promise.reject(lost) : journal.checkpoint(name, work);
  const tools = hoursTool(async () => "09:00");
  const run = runAgent(depsOf({ models, tools, checkpoint }), {
    context: contextOf(),
    signal: NEVER,
  });
  await expect(run).rejects.toBe(lost);
  expect(models.asked).toHaveLength(1);
});

test("an abort ends a run that waits for a tool, with the abort's reason and no stored result", async () => {
  const controller = new AbortController();
  const reason = new Error("the worker stops");
  const journal = mapCheckpoint();
  const models = fakeModels({ "fake:one": [callsTool("find_hours", { day: "Monday" })] });
  const tools = hoursTool(async (_input, signal) => {
    setImmediate(() => controller.abort(reason));
    await new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("stopped")));
    });
  });
  const run = runAgent(depsOf({ models, tools, checkpoint: journal.checkpoint }), {
    context: contextOf(),
    signal: controller.signal,
  });
  await expect(run).rejects.toBe(reason);
  expect([...journal.stored.keys()]).toEqual(["model-0"]);
});

test("NUL characters and half characters of a model never reach a checkpoint", async () => {
  const journal = mapCheckpoint();
  const models = fakeModels({ "fake:one": [says("nine\0 \ud800 o'clock \\u0000")] });
  const answer = await runAgent(depsOf({ models, checkpoint: journal.checkpoint }), {
    context: contextOf(),
    signal: NEVER,
  });
  expect(answer.text).toBe("nine \ufffd o'clock \\u0000");
  expect(journal.stored.get("model-0")).toContain(answer.text.replace("\\", "\\\\"));
});

test.each([Number.NaN, undefined, 0])(
  "tokens that a provider reports as %s are estimated",
  async (total) => {
    const uncounted = {
      ...says("At nine."),
      usage: {
        inputTokens: { total, noCache: 0, cacheRead: 0, cacheWrite: 0 },
        outputTokens: { total, text: 0, reasoning: 0 },
      },
    };
    const models = fakeModels({ "fake:one": [uncounted] });
    const { calls } = await runAgent(depsOf({ models }), { context: contextOf(), signal: NEVER });
    expect(calls[0]?.inputTokens).toBeGreaterThan(100);
    expect(calls[0]?.outputTokens).toBeGreaterThan(1);
  },
);
