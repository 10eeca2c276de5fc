import { expect, test } from "vitest";
import { callsTool, contextOf, depsOf, fakeModels, hoursTool, says } from "./fakes-for-tests.ts";
import { runAgent } from "./run-agent.ts";

const NEVER = new AbortController().signal;

test("input from the provider's cache is counted, and never more than there was", async () => {
  const answer = says("Hi");
  const cached = (cacheRead: number) => ({
    ...answer,
    usage: {
      ...answer.usage,
      inputTokens: { total: 10, noCache: undefined, cacheRead, cacheWrite: undefined },
    },
  });
  for (const [cacheRead, counted] of [
    [4, 4],
    [40, 10],
    [0, undefined],
  ] as const) {
    const models = fakeModels({ "fake:one": [cached(cacheRead)] });
    const { calls } = await runAgent(depsOf({ models }), { context: contextOf(), signal: NEVER });
    expect(calls[0]?.cachedInputTokens).toBe(counted);
  }
});

test("a run that has cost what it may runs no tool any more, and answers with one last call", async () => {
  let toolRuns = 0;
  const models = fakeModels({
    "fake:one": [
      callsTool("find_hours", { day: "Monday" }),
      callsTool("find_hours", { day: "Sunday" }),
      ({ toolChoice }) =>
        toolChoice?.type === "none" ? says("I could not look up Sunday.") : says("Went on."),
    ],
  });
  const tools = hoursTool(async () => {
    toolRuns += 1;
    return "09:00";
  });
  const answer = await runAgent(depsOf({ models, tools, isSpent: (calls) => calls.length >= 2 }), {
    context: contextOf(),
    signal: NEVER,
  });
  expect(answer.text).toBe("I could not look up Sunday.");
  expect(answer.calls).toHaveLength(3);
  expect(toolRuns).toBe(1);
  expect(answer.toolCalls.map(({ status }) => status)).toEqual(["success", "failed"]);
  expect(JSON.stringify(models.asked[2]?.options.prompt.at(-1))).toContain("say honestly");
});

test("what belongs to the reply is still done when the run has cost what it may", async () => {
  let handedOver = 0;
  const models = fakeModels({ "fake:one": [callsTool("find_hours", { day: "Monday" })] });
  const { find_hours: tool } = hoursTool(async () => {
    handedOver += 1;
    return "a colleague answers";
  });
  await runAgent(
    depsOf({
      models,
      tools: tool === undefined ? {} : { find_hours: { ...tool, endsRun: true } },
      isSpent: (calls) => calls.length > 0,
    }),
    { context: contextOf(), signal: NEVER },
  ).catch(() => null); // what is said along with the call is not of interest here
  expect(handedOver).toBe(1);
  expect(models.asked).toHaveLength(1);
});
