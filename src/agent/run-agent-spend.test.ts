import { expect, test } from "vitest";
import { callsTool, contextOf, depsOf, fakeModels, hoursTool, says } from "./fakes-for-tests.ts";
import { runAgent } from "./run-agent.ts";

const NEVER = new AbortController().signal;

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
