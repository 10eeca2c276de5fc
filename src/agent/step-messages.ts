import type {
  LanguageModelV4Message,
  LanguageModelV4ToolResultOutput,
  LanguageModelV4ToolResultPart,
} from "@ai-sdk/provider";
import type { FinishedCall } from "./create-tool-calls.ts";
import type { AnswerPart } from "./model-answer.ts";
import type { ToolOutcome } from "./run-tool.ts";

/**
 * What an answer that calls tools, and their results, add to the prompt of the next model call. What a
 * provider has noted of a part (a signed thought, an id) goes back to it.
 */
export function stepMessages(
  parts: readonly AnswerPart[],
  calls: readonly FinishedCall[],
): LanguageModelV4Message[] {
  const inputs = new Map(calls.map(({ part, input }) => [part.toolCallId, input]));
  return [
    {
      role: "assistant",
      content: parts.filter(saysSomething).map((part) => {
        const { providerMetadata: _noted, ...said } = part;
        const options = toOptions(part);
        if (said.type !== "tool-call") return { ...said, ...options };
        return { ...said, input: toArguments(inputs.get(said.toolCallId)), ...options };
      }),
    },
    { role: "tool", content: calls.map(toResult) },
  ];
}

function toResult({ part, outcome }: FinishedCall): LanguageModelV4ToolResultPart {
  const { toolCallId, toolName } = part;
  const output = toOutput(outcome);
  return { type: "tool-result", toolCallId, toolName, output, ...toOptions(part) };
}

function toOutput(outcome: ToolOutcome): LanguageModelV4ToolResultOutput {
  if (outcome.status !== "success" && outcome.status !== "asked")
    return { type: "error-text", value: outcome.reason };
  const { output: value } = outcome;
  return typeof value === "string" ? { type: "text", value } : { type: "json", value };
}

/** Providers refuse a call whose arguments are no object, although a model has made it. */
function toArguments(input: unknown): object {
  return typeof input === "object" && input !== null && !Array.isArray(input) ? input : {};
}

function toOptions({ providerMetadata }: AnswerPart) {
  return providerMetadata === undefined ? {} : { providerOptions: providerMetadata };
}

/** Some providers refuse an empty text. */
function saysSomething(part: AnswerPart): boolean {
  return part.type !== "text" || part.text !== "" || part.providerMetadata !== undefined;
}
