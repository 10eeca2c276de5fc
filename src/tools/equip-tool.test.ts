import { expect, test } from "vitest";
import { z } from "zod";
import { createBreakers } from "./create-breakers.ts";
import { equipTool } from "./equip-tool.ts";
import { integrationOf } from "./integration-for-tests.ts";

test("asking the customer uses up no trial of a server that has rested; the call does", () => {
  let nowMs = 0;
  const breakers = createBreakers({ monotonicMs: () => nowMs });
  const integration = integrationOf();
  const { refuse } = equipTool({ breakers, note: () => {} }, integration, {
    description: "Books.",
    inputSchema: z.object({ day: z.string() }),
    execute: async () => "booked",
  });
  const codeOf = (input: unknown, before: "call" | "question") => refuse?.(input, before)?.code;
  for (let failures = 0; failures < 3; failures += 1) breakers.failed(integration.id);
  const input = { day: "Monday" };
  expect(codeOf(input, "question")).toBe("TOOL_UNAVAILABLE");

  nowMs = 60_001;
  expect(codeOf({}, "question")).toBe("TOOL_ARGUMENTS_INVALID");
  expect(codeOf(input, "question")).toBeUndefined();
  expect(codeOf(input, "question")).toBeUndefined();
  expect(codeOf(input, "call")).toBeUndefined();
  expect(codeOf(input, "call")).toBe("TOOL_UNAVAILABLE");
});
