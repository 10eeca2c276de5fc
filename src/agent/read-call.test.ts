import { expect, test } from "vitest";
import { z } from "zod";
import type { AgentTools } from "./agent-tool.ts";
import { readCall } from "./read-call.ts";

const execute = async () => null;
const TOOLS: AgentTools = {
  find_hours: {
    description: "Finds opening hours.",
    inputSchema: z.object({ day: z.string().default("today") }),
    execute,
  },
  book: { description: "Books.", inputSchema: { jsonSchema: { type: "object" } }, execute },
};

const read = (toolName: string, input: string) =>
  readCall(TOOLS, { type: "tool-call", toolCallId: "call", toolName, input });

test.each([
  ['{"day":"Monday","extra":1}', { day: "Monday" }],
  ["", { day: "today" }],
  [" \n", { day: "today" }],
])("arguments of %j are read as the tool's schema says", (input, expected) => {
  expect(read("find_hours", input)).toMatchObject({ kind: "callable", input: expected });
});

test("arguments that fit no zod schema are told by name, with what was passed", () => {
  expect(read("find_hours", '{"day":5}')).toEqual({
    kind: "mistaken",
    input: { day: 5 },
    reason: expect.stringContaining("day: Invalid input: expected string, received number"),
  });
});

test("a JSON schema leaves the check to the tool", () => {
  expect(read("book", '{"day":5}')).toMatchObject({ kind: "callable", input: { day: 5 } });
});

test.each(["find_hours", "book"])("what is no JSON is no call of %s", (name) => {
  expect(read(name, '{"day"')).toMatchObject({
    kind: "mistaken",
    input: {},
    reason: expect.stringContaining("no JSON"),
  });
});

test.each(["fly", "constructor", "__proto__"])("there is no tool called %s", (name) => {
  expect(read(name, "{}")).toMatchObject({
    kind: "mistaken",
    reason: `There is no tool ${name}. There are: find_hours, book.`,
  });
});

test("arguments cannot reach what other objects inherit", () => {
  const call = read(
    "book",
    '{"day":{"__proto__":{"admin":true}},"\\u005f_proto__":{"admin":true}}',
  );
  expect(call.input).toEqual({ day: {} });
  expect(Object.keys(Object(call.input))).toEqual(["day"]);
});
