import { expect, test } from "vitest";
import type { AnswerPart, ToolCallPart } from "./model-answer.ts";
import { stepMessages } from "./step-messages.ts";

const SIGNED = { google: { thoughtSignature: "signature" } };
const callOf = (toolCallId: string): ToolCallPart => ({
  type: "tool-call",
  toolCallId,
  toolName: "find_hours",
  input: "as the model wrote it",
  providerMetadata: SIGNED,
});
const succeeded = (toolCallId: string, output: string | object, input: unknown = {}) => ({
  part: callOf(toolCallId),
  tool: null,
  input,
  outcome: {
    status: "success" as const,
    output: JSON.parse(JSON.stringify(output)),
    durationMs: 1,
  },
});

test("the parts go back in their order, each with what its provider has noted of it", () => {
  const parts: AnswerPart[] = [
    { type: "reasoning", text: "Hm", providerMetadata: SIGNED },
    { type: "text", text: "" },
    { type: "text", text: "Let me look." },
    callOf("a"),
    { type: "text", text: "", providerMetadata: SIGNED },
  ];
  const [assistant] = stepMessages(parts, [succeeded("a", "closed", { day: "Sunday" })]);

  expect(assistant).toEqual({
    role: "assistant",
    content: [
      { type: "reasoning", text: "Hm", providerOptions: SIGNED },
      { type: "text", text: "Let me look." },
      {
        type: "tool-call",
        toolCallId: "a",
        toolName: "find_hours",
        input: { day: "Sunday" },
        providerOptions: SIGNED,
      },
      { type: "text", text: "", providerOptions: SIGNED },
    ],
  });
});

test("a result is text, JSON or the reason of a failure", () => {
  const failed = {
    ...succeeded("c", ""),
    outcome: {
      status: "failed" as const,
      errorCode: "NOT_FOUND" as const,
      reason: "No such day.",
      durationMs: 1,
    },
  };
  const calls = [succeeded("a", "closed"), succeeded("b", { opens: "09:00" }), failed];
  const [, results] = stepMessages(
    calls.map(({ part }) => part),
    calls,
  );

  const result = { type: "tool-result", toolName: "find_hours", providerOptions: SIGNED };
  expect(results).toEqual({
    role: "tool",
    content: [
      { ...result, toolCallId: "a", output: { type: "text", value: "closed" } },
      { ...result, toolCallId: "b", output: { type: "json", value: { opens: "09:00" } } },
      { ...result, toolCallId: "c", output: { type: "error-text", value: "No such day." } },
    ],
  });
});

test.each([5, "text", null, [1]])(
  "arguments of %j, which providers refuse, go back as none",
  (input) => {
    const [assistant] = stepMessages([callOf("a")], [succeeded("a", "closed", input)]);

    expect(assistant).toMatchObject({ content: [{ type: "tool-call", input: {} }] });
  },
);
