import { expect, test } from "vitest";
import type { AgentTool } from "#agent/agent-tool.ts";
import { CHARACTERS_MAX, capTools, TOOLS_MAX } from "./cap-tools.ts";

const toolOf = (description = "x"): AgentTool => ({
  description,
  inputSchema: { jsonSchema: { type: "object", properties: {} } },
  execute: () => Promise.resolve(null),
});
const many = (count: number, description?: string) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`tool_${index}`, toolOf(description)]),
  );

test("a server with hundreds of tools leaves room for the others, and no model gets too many", () => {
  const [first = {}, second = {}] = capTools([many(300), many(5)]);

  expect(Object.keys(second)).toHaveLength(5);
  expect(Object.keys(first)).toEqual(Object.keys(many(TOOLS_MAX - 5)));
});

test("a tool whose description is too long drops only itself", () => {
  const tools = { ...many(2), endless: toolOf("x".repeat(CHARACTERS_MAX)), last: toolOf() };

  const [kept = {}] = capTools([tools]);

  expect(Object.keys(kept)).toEqual(["tool_0", "tool_1", "last"]);
});

test("all descriptions together have a limit", () => {
  const [kept = {}] = capTools([many(20, "x".repeat(CHARACTERS_MAX / 10))]);

  expect(Object.keys(kept)).toHaveLength(9);
});
