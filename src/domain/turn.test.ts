import { expect, test } from "vitest";
import { Turn } from "./turn.ts";

test("a resumed turn has its steps in the order in which they were finished, and the first of a name", () => {
  const { steps } = Turn.parse({
    key: "conversation:1",
    organizationId: null,
    handler: "conversation",
    fence: 2,
    attempt: 2,
    turnId: "0190d5e0-0000-7000-8000-000000000001",
    queuedMs: 0,
    messages: [],
    steps: [
      { name: "model-0", output: "first" },
      { name: "tool-0-a", output: "a" },
      { name: "tool-0-b", output: "b" },
      { name: "model-0", output: "second" },
    ],
  });

  expect(Object.entries(steps)).toEqual([
    ["model-0", "first"],
    ["tool-0-a", "a"],
    ["tool-0-b", "b"],
  ]);
});
