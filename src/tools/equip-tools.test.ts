import { expect, test } from "vitest";
import type { AgentTool } from "#agent/agent-tool.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import { systemClock } from "#platform/clock.ts";
import { createBreakers } from "./create-breakers.ts";
import { equipTools } from "./equip-tools.ts";
import { integrationOf } from "./integration-for-tests.ts";

const toolOf = (schema: JsonObject): AgentTool => ({
  description: "A tool.",
  inputSchema: { jsonSchema: schema },
  execute: () => Promise.resolve(null),
});
const equip = (tools: Record<string, JsonObject>) =>
  equipTools(
    { breakers: createBreakers(systemClock), note: () => {} },
    integrationOf(),
    Object.fromEntries(Object.entries(tools).map(([name, schema]) => [name, toolOf(schema)])),
  );

const GOOD = { type: "object", properties: { a: { anyOf: [{ type: "string" }] } } };

test.each([
  { type: "object", anyOf: [{ required: ["a"] }] },
  { type: "object", oneOf: [] },
  { type: "object", allOf: [] },
  { type: "object", not: {} },
  { type: "object", enum: [] },
  { type: "string" },
])("a schema that makes requests to models fail drops only its tool: %j", (schema) => {
  const { tools, fault } = equip({ bad: schema, good: GOOD });

  expect(Object.keys(tools)).toEqual(["good"]);
  expect(fault).toMatchObject({ code: "TOOL_MISCONFIGURED" });
});

test("an integration without a tool that can be offered fails, one without a fault has none", () => {
  expect(() => equip({ bad: { type: "object", oneOf: [] } })).toThrow(
    expect.objectContaining({ code: "TOOL_MISCONFIGURED" }),
  );
  expect(equip({ good: GOOD })).toMatchObject({ fault: null });
});
