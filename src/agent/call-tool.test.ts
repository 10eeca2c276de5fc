import { expect, test } from "vitest";
import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import { silentLogger } from "#platform/logger.ts";
import type { AgentTool, ToolOrigin } from "./agent-tool.ts";
import { callTool, hasLeftTraces, readMadeCalls } from "./call-tool.ts";
import {
  callsTool,
  contextOf,
  depsOf,
  fakeModels,
  instantClock,
  mapCheckpoint,
  says,
  sleepyClock,
} from "./fakes-for-tests.ts";
import { runAgent } from "./run-agent.ts";
import type { ToolOutcome } from "./run-tool.ts";

const NEVER = new AbortController().signal;
const OUTSIDE: ToolOrigin = {
  type: "http",
  integrationId: null,
  effects: "outside",
  confirmation: "none",
  record: "sealed",
};

const bookingTool = (
  execute: AgentTool["execute"],
  more: Partial<AgentTool> = {},
): { readonly book: AgentTool } => ({
  book: {
    description: "Books.",
    inputSchema: z.object({ day: z.string() }),
    execute,
    origin: OUTSIDE,
    ...more,
  },
});

type Journal = ReturnType<typeof mapCheckpoint>;

async function call(tool: AgentTool, journal: Journal, clock = sleepyClock): Promise<ToolOutcome> {
  return callTool(
    { checkpoint: journal.checkpoint, clock, logger: silentLogger },
    { tool, name: "book", toolCallId: "c", key: "0-c", input: { day: "Monday" }, signal: NEVER },
  );
}

const stepsOf = ({ stored }: Journal) =>
  new Map([...stored].map(([name, text]): [string, JsonValue] => [name, JSON.parse(text)]));

test("a call that was begun and has no outcome is not made again: nobody knows of it", async () => {
  const journal = mapCheckpoint();
  let calls = 0;
  const { book } = bookingTool(async () => {
    calls += 1;
    return "booked";
  });
  expect(await call(book, journal)).toMatchObject({ status: "success", output: "booked" });
  expect(journal.ran).toEqual(["begun-0-c", "tool-0-c"]);

  const crashed = mapCheckpoint(new Map([...journal.stored].slice(0, 1)));
  expect(await call(book, crashed)).toMatchObject({
    status: "unknown",
    errorCode: "TOOL_OUTCOME_UNKNOWN",
  });
  expect(await call(book, crashed)).toMatchObject({ status: "unknown" });
  expect(calls).toBe(1);
});

test("a tool that changes nothing leaves no mark, and is called again after a crash", async () => {
  const journal = mapCheckpoint();
  const { book } = bookingTool(async () => "free", { origin: { ...OUTSIDE, effects: "none" } });
  await call(book, journal);
  expect(journal.ran).toEqual(["tool-0-c"]);
  expect(hasLeftTraces(stepsOf(journal))).toBe(false);
});

test.each([
  ["breaks off", new AppError("TOOL_OUTCOME_UNKNOWN", "broken"), "unknown/failed"],
  ["times out by itself", new AppError("TOOL_TIMEOUT", "slow"), "unknown/timeout"],
  ["fails for a reason that nobody knows", new Error("?"), "unknown/failed"],
  ["is refused", new AppError("TOOL_REQUEST_REJECTED", "no"), "failed/failed"],
  ["cannot be reached", new AppError("TOOL_UNAVAILABLE", "down"), "failed/failed"],
])("of a call that %s, the outcome is known or not", async (_how, error, expected) => {
  const execute = () => Promise.reject(error);
  const outside = await call(bookingTool(execute).book, mapCheckpoint());
  const harmless = bookingTool(execute, { origin: { ...OUTSIDE, effects: "none" } });
  const inside = await call(harmless.book, mapCheckpoint());
  expect(`${outside.status}/${inside.status}`).toBe(expected);
});

test("a call that takes too long may have been done", async () => {
  const { clock } = instantClock();
  const { book } = bookingTool(() => new Promise(() => {}));
  expect(await call(book, mapCheckpoint(), clock)).toMatchObject({ status: "unknown" });
});

test("a refused call is not made, leaves no trace, and stays refused when the turn resumes", async () => {
  const journal = mapCheckpoint();
  const settled: unknown[] = [];
  const { book } = bookingTool(() => expect.fail("called"), {
    refuse: () => new AppError("TOOL_ARGUMENTS_INVALID", "day is missing"),
    settled: (outcome) => settled.push(outcome),
  });
  const refused = { status: "failed", errorCode: "TOOL_ARGUMENTS_INVALID" };
  expect(await call(book, journal)).toMatchObject(refused);
  const crashed = mapCheckpoint(new Map([...journal.stored].slice(0, 1)));
  expect(await call({ ...book, refuse: () => null }, crashed)).toMatchObject(refused);
  expect(hasLeftTraces(stepsOf(journal))).toBe(false);
  expect(settled).toEqual([]);
});

test("a call that its server knows by its key is made again after a crash, under the same key", async () => {
  const keys: (string | undefined)[] = [];
  const { book } = bookingTool(
    async (_input, _signal, key) => {
      keys.push(key);
      return "booked";
    },
    { origin: { ...OUTSIDE, repeatable: true } },
  );
  const journal = mapCheckpoint();
  await call(book, journal);
  expect(journal.ran).toEqual(["tool-0-c"]);
  expect(hasLeftTraces(stepsOf(journal))).toBe(true);
  await call(book, mapCheckpoint());
  expect(keys).toEqual(["0-c", "0-c"]);
});

test("what a turn has called is read from its steps, also where no outcome came", async () => {
  const journal = mapCheckpoint();
  await call(bookingTool(async () => ({ booking: 1 })).book, journal);
  const facts = { name: "book", toolCallId: "c", input: { day: "Monday" }, effects: "outside" };
  expect(readMadeCalls(stepsOf(journal))).toMatchObject([
    { stepId: "tool-0-c", facts, outcome: { status: "success", output: { booking: 1 } } },
  ]);
  journal.stored.delete("tool-0-c");
  expect(readMadeCalls(stepsOf(journal))).toMatchObject([
    { stepId: "tool-0-c", facts, outcome: { status: "unknown" } },
  ]);
  expect(hasLeftTraces(stepsOf(journal))).toBe(true);
});

test("parallel calls each have their mark before one of them is made", async () => {
  const journal = mapCheckpoint();
  const marked: number[] = [];
  const tools = bookingTool(async () => {
    marked.push([...journal.stored.keys()].filter((name) => name.startsWith("begun-")).length);
    return "booked";
  });
  const models = fakeModels({
    "fake:one": [callsTool("book", { day: "Monday" }, { day: "Tuesday" }), says("Done.")],
  });
  const answer = await runAgent(depsOf({ models, tools, checkpoint: journal.checkpoint }), {
    context: contextOf(),
    signal: NEVER,
  });
  expect(marked).toHaveLength(2);
  expect(Math.min(...marked)).toBeGreaterThanOrEqual(1);
  expect(answer.toolCalls.map(({ status }) => status)).toEqual(["success", "success"]);
});

test("a model that repeats a call of unknown outcome all the same is refused", async () => {
  let calls = 0;
  const tools = bookingTool(() => {
    calls += 1;
    return Promise.reject(new AppError("TOOL_OUTCOME_UNKNOWN", "broken"));
  });
  const models = fakeModels({
    "fake:one": [
      callsTool("book", { day: "Monday" }),
      callsTool("book", { day: "Monday" }),
      says("It is not certain."),
    ],
  });
  const answer = await runAgent(depsOf({ models, tools }), {
    context: contextOf(),
    signal: NEVER,
  });
  expect(calls).toBe(1);
  expect(answer.toolCalls.map(({ status }) => status)).toEqual(["unknown", "failed"]);
  expect(JSON.stringify(models.asked[1]?.options.prompt.at(-1))).toContain("nobody knows");
});

test("what the model must know of its tools stands at the end of its instructions", async () => {
  const models = fakeModels({ "fake:one": [says("Hello")] });
  await runAgent(depsOf({ models }), {
    context: contextOf(),
    notes: ["The tool crm is out of order at the moment."],
    signal: NEVER,
  });
  expect(JSON.stringify(models.asked[0]?.options.prompt[0])).toContain(
    "out of order at the moment",
  );
});
