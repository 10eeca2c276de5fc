import { expect, test } from "vitest";
import type { JsonValue } from "#domain/webhook-event.ts";
import { readPromptVersion } from "./read-model-calls.ts";

const step = (promptVersion?: number) => ({
  call: { model: "fake:one", inputTokens: 1, outputTokens: 1, durationMs: 1 },
  ...(promptVersion === undefined ? {} : { promptVersion }),
});

test("of a turn that went on after a publication, the version of the last call counts", () => {
  const steps = new Map<string, JsonValue>([
    ["model-1", step(4)],
    ["tool-0-call-0", { status: "success" }],
    ["model-0", step(3)],
  ]);
  expect(readPromptVersion(steps)).toBe(4);
});

test("without a model call, and after one of an older program, the version is not known", () => {
  expect(readPromptVersion(new Map())).toBeNull();
  expect(readPromptVersion(new Map([["model-0", step()]]))).toBeNull();
});
