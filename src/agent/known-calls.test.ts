import { expect, test } from "vitest";
import { z } from "zod";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { AgentTool, AgentTools } from "./agent-tool.ts";
import { readAskedCall, readKnownCalls } from "./call-tool.ts";
import {
  callsTool,
  contextOf,
  depsOf,
  fakeModels,
  mapCheckpoint,
  result,
  says,
} from "./fakes-for-tests.ts";
import { runAgent, type RunAgentDeps } from "./run-agent.ts";

const NEVER = new AbortController().signal;

function bookingTool(
  execute: AgentTool["execute"],
  confirmation: "none" | "customer" = "none",
): AgentTools {
  return {
    book: {
      description: "Books.",
      inputSchema: z.object({ day: z.string() }),
      execute,
      origin: {
        type: "http",
        integrationId: null,
        effects: "outside",
        confirmation,
        record: "sealed",
      },
    },
  };
}

type Journal = ReturnType<typeof mapCheckpoint>;

const stepsOf = ({ stored }: Journal) =>
  new Map([...stored].map(([name, text]): [string, JsonValue] => [name, JSON.parse(text)]));

const script = (...replies: Parameters<typeof fakeModels>[0][string]) =>
  fakeModels({ "fake:one": replies });

function run(journal: Journal, deps: Pick<RunAgentDeps, "models" | "tools" | "isSpent">) {
  return runAgent(depsOf({ ...deps, checkpoint: journal.checkpoint }), {
    context: contextOf(),
    known: readKnownCalls(stepsOf(journal)),
    signal: NEVER,
  });
}

const lastPrompt = ({ asked }: ReturnType<typeof fakeModels>) =>
  JSON.stringify(asked.at(-1)?.options.prompt.at(-1));

/** A turn that booked, and ended before its model answered. */
async function bookAndCrash(): Promise<Journal> {
  const journal = mapCheckpoint();
  await run(journal, {
    models: script(callsTool("book", { day: "Monday" }), says("Booked.")),
    tools: bookingTool(async () => ({ booking: 42 })),
  });
  journal.stored.delete("model-1");
  return journal;
}

test("what was done stays done when its tool takes other arguments as the turn resumes", async () => {
  const models = script(() => says("Booked."));
  const { book } = bookingTool(() => Promise.reject(new Error("It was called again")));
  const tools = { book: { ...book, inputSchema: z.object({ day: z.number() }) } as AgentTool };

  const answer = await run(await bookAndCrash(), { models, tools });

  expect(answer.toolCalls).toMatchObject([{ name: "book", status: "success" }]);
  expect(lastPrompt(models)).toContain('"booking":42');
});

test("what was done stays done when its tool is gone as the turn resumes", async () => {
  const models = script(() => says("Booked."));

  const answer = await run(await bookAndCrash(), { models, tools: {} });

  expect(answer.toolCalls).toMatchObject([{ name: "book", status: "success" }]);
  expect(lastPrompt(models)).toContain('"booking":42');
});

test("a call that was begun is of unknown outcome, whether its tool is gone or said to be harmless", async () => {
  const made = bookingTool(() => expect.fail("called again"));
  const harmless = Object.fromEntries(
    Object.entries(made).map(([name, { origin: _outside, ...tool }]) => [name, tool]),
  );
  for (const tools of [{}, harmless]) {
    const journal = await bookAndCrash();
    journal.stored.delete("tool-0-call-0");
    const models = script(() => says("It is not certain."));

    const answer = await run(journal, { models, tools });

    expect(answer.toolCalls).toMatchObject([{ name: "book", status: "unknown" }]);
    expect(lastPrompt(models)).toContain("nobody knows whether it was done");
  }
});

test("a tool that is gone is not called anew", async () => {
  const models = script(
    () => callsTool("book", { day: "Tuesday" }),
    () => says("Only Monday."),
  );

  const answer = await run(await bookAndCrash(), { models, tools: {} });

  expect(answer.toolCalls.map(({ status }) => status)).toEqual(["success", "failed"]);
  expect(lastPrompt(models)).toContain("not available any more");
});

test("a ceiling that was lowered meanwhile does not hide what was done", async () => {
  const models = script(() => says("Booked."));

  const answer = await run(await bookAndCrash(), {
    models,
    tools: bookingTool(() => expect.fail("called again")),
    isSpent: () => true,
  });

  expect(answer.toolCalls).toMatchObject([{ name: "book", status: "success" }]);
});

test("of two calls that need a yes only one is asked about, and the model is told of the other", async () => {
  const journal = mapCheckpoint();
  const models = script(
    callsTool("book", { day: "Monday" }, { day: "Tuesday" }),
    callsTool("book", { day: "Sunday" }),
    says("Monday?"),
  );
  const tools = bookingTool(() => expect.fail("called"), "customer");

  const answer = await run(journal, { models, tools });

  expect(answer.toolCalls.map(({ status }) => status)).toEqual(["asked", "failed", "failed"]);
  expect(lastPrompt(models)).toContain("only one question at a time");
  expect(readAskedCall(stepsOf(journal))?.input).toEqual({ day: "Monday" });

  journal.stored.delete("tool-2-call-0");
  journal.stored.delete("model-2");
  const resumed = await run(journal, { models: script(says("Monday?")), tools });
  expect(resumed.toolCalls.map(({ status }) => status)).toEqual(["asked", "failed", "failed"]);
});

test.each(["", "same"])("parallel calls with the id %j are made once each", async (toolCallId) => {
  const journal = mapCheckpoint();
  const days: unknown[] = [];
  const tools = bookingTool(async (input) => {
    days.push(input);
    return { booked: days.length };
  });
  const calls = ["Monday", "Tuesday"].map((day) => ({
    type: "tool-call" as const,
    toolCallId,
    toolName: "book",
    input: JSON.stringify({ day }),
  }));
  await run(journal, { models: script(result(calls, "tool-calls"), says("Both.")), tools });
  expect(days).toEqual([{ day: "Monday" }, { day: "Tuesday" }]);

  journal.stored.delete("model-1");
  const models = script(() => says("Both."));
  await run(journal, { models, tools });
  expect(days).toHaveLength(2);
  expect(lastPrompt(models)).toContain('"booked":2');
});
