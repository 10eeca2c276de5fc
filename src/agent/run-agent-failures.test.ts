import { expect, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import { silentLogger } from "#platform/logger.ts";
import {
  callsTool,
  contextOf,
  depsOf,
  fakeModels,
  hoursTool,
  instantClock,
  mapCheckpoint,
  result,
  says,
} from "./fakes-for-tests.ts";
import { runAgent, type RunAgentDeps } from "./run-agent.ts";

const NEVER = new AbortController().signal;
const UNAVAILABLE = new AppError("MODEL_UNAVAILABLE", "down");

function withFallback(fallbackModel: string) {
  const { chatbot } = contextOf();
  return contextOf({ chatbot: { ...chatbot, fallbackModel } });
}

test("a failure that may pass is tried again twice, with growing pauses", async () => {
  const { clock, sleptMs } = instantClock();
  const models = fakeModels({ "fake:one": [UNAVAILABLE, UNAVAILABLE, says("At nine.")] });
  const answer = await runAgent(depsOf({ models, clock }), { context: contextOf(), signal: NEVER });
  expect(answer.text).toBe("At nine.");
  expect(answer.calls).toHaveLength(1);
  expect(sleptMs).toEqual([500, 1_000]);
});

test("the pause that the provider asks for is kept, and a long one is left to the mailbox", async () => {
  const { clock, sleptMs } = instantClock();
  const soon = new AppError("MODEL_RATE_LIMITED", "slow", { retryAfterMs: 1_234 });
  const later = new AppError("MODEL_RATE_LIMITED", "slow", { retryAfterMs: 6_000 });
  const models = fakeModels({ "fake:one": [soon, later] });
  const run = runAgent(depsOf({ models, clock }), { context: contextOf(), signal: NEVER });
  await expect(run).rejects.toBe(later);
  expect(sleptMs).toEqual([1_234]);
});

test("a model that fails slowly is not tried for minutes", async () => {
  let nowMs = 0;
  const { clock } = instantClock();
  const failSlowly = () => {
    nowMs += 19_800;
    return UNAVAILABLE;
  };
  const models = fakeModels({ "fake:one": [failSlowly] });
  const run = runAgent(depsOf({ models, clock: { ...clock, monotonicMs: () => nowMs } }), {
    context: contextOf(),
    signal: NEVER,
  });
  await expect(run).rejects.toBe(UNAVAILABLE);
  expect(models.asked).toHaveLength(1);
});

test.each(["MODEL_REQUEST_REJECTED", "MODEL_KEY_INVALID", "MODEL_TIMEOUT"] as const)(
  "%s is not tried again",
  async (code) => {
    const models = fakeModels({ "fake:one": [new AppError(code, "no")] });
    const run = runAgent(depsOf({ models }), { context: contextOf(), signal: NEVER });
    await expect(run).rejects.toMatchObject({ code });
    expect(models.asked).toHaveLength(1);
  },
);

test.each([
  ["nothing", result([], "stop"), "MODEL_ANSWER_UNUSABLE"],
  ["spaces", says(" \n"), "MODEL_ANSWER_UNUSABLE"],
  [
    "thoughts alone",
    result([{ type: "reasoning", text: "Hm" }], "length"),
    "MODEL_ANSWER_UNUSABLE",
  ],
  ["a tool call nobody offered", callsTool("fly", {}), "MODEL_ANSWER_UNUSABLE"],
  ["a withheld answer", result([], "content-filter"), "MODEL_REQUEST_REJECTED"],
])("an answer of %s fails and is not stored", async (_what, reply, code) => {
  const journal = mapCheckpoint();
  const { clock } = instantClock();
  const models = fakeModels({ "fake:one": [reply] });
  const run = runAgent(depsOf({ models, clock, checkpoint: journal.checkpoint }), {
    context: contextOf(),
    signal: NEVER,
  });
  await expect(run).rejects.toMatchObject({ code });
  expect(journal.stored.size).toBe(0);
});

test.each([
  new AppError("MODEL_TIMEOUT", "slow"),
  new AppError("MODEL_KEY_INVALID", "no key"),
  new AppError("MODEL_UNKNOWN", "no model"),
  new AppError("MODEL_REQUEST_REJECTED", "gone", { details: { status: 404 } }),
])("after $code the fallback model answers, and is named in the usage", async (failure) => {
  const events: unknown[] = [];
  const logger = {
    ...silentLogger,
    warn: (fields: unknown, event: string) => events.push([event, fields]),
  };
  const models = fakeModels({ "fake:one": [failure], "fake:two": [says("At nine.")] });
  const answer = await runAgent(depsOf({ models, logger }), {
    context: withFallback("fake:two"),
    signal: NEVER,
  });
  expect(answer.calls).toMatchObject([{ model: "fake:two" }]);
  expect(events).toMatchObject([
    ["model fell back", { code: failure.code, model: "fake:one", fallbackModel: "fake:two" }],
  ]);
});

test("a run that fell back stays with the fallback model", async () => {
  const models = fakeModels({
    "fake:one": [new AppError("MODEL_TIMEOUT", "slow")],
    "fake:two": [callsTool("find_hours", { day: "Monday" }), says("At nine.")],
  });
  const tools = hoursTool(async () => "09:00");
  await runAgent(depsOf({ models, tools }), { context: withFallback("fake:two"), signal: NEVER });
  expect(models.names()).toEqual(["fake:one", "fake:two", "fake:two"]);
});

test("a request that is refused for its content is not sent to the fallback model", async () => {
  const refused = new AppError("MODEL_REQUEST_REJECTED", "blocked", { details: { status: 400 } });
  const models = fakeModels({ "fake:one": [refused], "fake:two": [says("never")] });
  const run = runAgent(depsOf({ models }), { context: withFallback("fake:two"), signal: NEVER });
  await expect(run).rejects.toBe(refused);
});

test("when both models fail, the failure that may pass decides over the retry", async () => {
  const timeout = new AppError("MODEL_TIMEOUT", "slow");
  const badKey = new AppError("MODEL_KEY_INVALID", "no key");
  const context = withFallback("fake:two");
  for (const [first, second] of [
    [timeout, badKey],
    [badKey, timeout],
  ] as const) {
    const models = fakeModels({ "fake:one": [first], "fake:two": [second] });
    await expect(runAgent(depsOf({ models }), { context, signal: NEVER })).rejects.toBe(timeout);
  }
});

test("when one of two calls at the same time ends the run, the other is stopped and not stored", async () => {
  const lost = new AppError("TURN_OWNERSHIP_LOST", "taken over");
  const journal = mapCheckpoint();
  const checkpoint: RunAgentDeps["checkpoint"] = (name, work) =>
    name === "tool-0-call-1" ? Promise.reject(lost) : journal.checkpoint(name, work);
  const reasons: unknown[] = [];
  const tools = hoursTool(async (_input, signal) => {
    await new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("stopped")));
    }).finally(() => reasons.push(signal.reason));
  });
  const models = fakeModels({
    "fake:one": [callsTool("find_hours", { day: "Monday" }, { day: "Sunday" })],
  });
  const run = runAgent(depsOf({ models, tools, checkpoint }), {
    context: contextOf(),
    signal: NEVER,
  });

  await expect(run).rejects.toBe(lost);
  expect(reasons).toEqual([lost]);
  expect([...journal.stored.keys()]).toEqual(["model-0"]);
});

test("a run whose signal aborts while its last answer comes gives none", async () => {
  const controller = new AbortController();
  const reason = new Error("the worker stops");
  const models = fakeModels({
    "fake:one": [
      () => {
        controller.abort(reason);
        return says("At nine.");
      },
    ],
  });
  const run = runAgent(depsOf({ models }), { context: contextOf(), signal: controller.signal });

  await expect(run).rejects.toBe(reason);
});
