import { expect, test } from "vitest";
import { z } from "zod";
import type { ReplyAddition } from "#domain/reply-addition.ts";
import type { AgentTool, AgentTools } from "./agent-tool.ts";
import {
  callsTool,
  contextOf,
  depsOf,
  fakeModels,
  hoursTool,
  mapCheckpoint,
  result,
  says,
} from "./fakes-for-tests.ts";
import { runAgent } from "./run-agent.ts";

const NEVER = new AbortController().signal;
const LOCATION: ReplyAddition = {
  note: "goes along",
  shape: { type: "location-request" },
  attachment: null,
  inWords: [],
};

function askTool(execute: AgentTool["execute"] = async () => LOCATION): AgentTools {
  const ask = { description: "Asks where they are.", inputSchema: z.object({}), execute };
  return { ask: { ...ask, addsToReply: true }, ...hoursTool(async () => LOCATION) };
}

/** Words and calls of tools in one answer. */
function saysAndCalls(text: string, ...toolNames: readonly string[]) {
  const calls = toolNames.map((toolName, index) => ({
    type: "tool-call" as const,
    toolCallId: `call-${index}`,
    toolName,
    input: toolName === "find_hours" ? '{"day":"Monday"}' : "{}",
  }));
  return result([{ type: "text", text }, ...calls], "tool-calls");
}

test("words with nothing but an addition are the whole reply: the model is asked once", async () => {
  const models = fakeModels({ "fake:one": [saysAndCalls("Where are you?", "ask")] });
  const answer = await runAgent(depsOf({ models, tools: askTool() }), {
    context: contextOf(),
    signal: NEVER,
  });

  expect(answer).toMatchObject({ text: "Where are you?", shape: { type: "location-request" } });
  expect(answer.toolCalls).toMatchObject([{ name: "ask", status: "success" }]);
  expect(models.asked).toHaveLength(1);
});

test("an addition without words waits for the words", async () => {
  const models = fakeModels({ "fake:one": [callsTool("ask", {}), says("Where are you?")] });
  const answer = await runAgent(depsOf({ models, tools: askTool() }), {
    context: contextOf(),
    signal: NEVER,
  });

  expect(answer).toMatchObject({ text: "Where are you?", shape: { type: "location-request" } });
  expect(JSON.stringify(models.asked[1]?.options.prompt.at(-1))).toContain("goes along");
});

test("words beside a call of another tool are not the reply yet", async () => {
  const models = fakeModels({
    "fake:one": [saysAndCalls("Let me look.", "ask", "find_hours"), says("At nine.")],
  });
  const answer = await runAgent(depsOf({ models, tools: askTool() }), {
    context: contextOf(),
    signal: NEVER,
  });

  expect(answer).toMatchObject({ text: "At nine.", shape: { type: "location-request" } });
});

test("an addition that failed is told to the model, and nothing is added", async () => {
  const models = fakeModels({ "fake:one": [saysAndCalls("Here.", "ask"), says("I cannot.")] });
  const tools = askTool(() => Promise.reject(new Error("broken")));
  const answer = await runAgent(depsOf({ models, tools }), {
    context: contextOf(),
    signal: NEVER,
  });

  expect(answer).toMatchObject({ text: "I cannot.", shape: null, attachments: [] });
});

test("a tool of somebody else adds nothing, whatever it returns", async () => {
  const models = fakeModels({
    "fake:one": [callsTool("find_hours", { day: "Monday" }), says("At nine.")],
  });
  const answer = await runAgent(depsOf({ models, tools: askTool() }), {
    context: contextOf(),
    signal: NEVER,
  });

  expect(answer.shape).toBeNull();
});

test("a resumed run adds the same to the reply, without running the tool again", async () => {
  const journal = mapCheckpoint();
  const script = { "fake:one": [saysAndCalls("Where are you?", "ask")] };
  const { checkpoint } = journal;
  const input = { context: contextOf(), signal: NEVER };
  const first = await runAgent(
    depsOf({ models: fakeModels(script), tools: askTool(), checkpoint }),
    input,
  );
  const tools = askTool(() => expect.unreachable("the tool ran again"));
  const again = await runAgent(depsOf({ models: fakeModels({}), tools, checkpoint }), input);

  expect(again).toEqual(first);
  expect(journal.ran).toEqual(["model-0", "tool-0-call-0"]);
});
