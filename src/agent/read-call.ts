import type { z } from "zod";
import type { AgentTool, AgentTools } from "./agent-tool.ts";
import type { ToolCallPart } from "./model-answer.ts";

/** A call of a model: of which tool and with what, or why it cannot be made, for the model to read. */
export type ReadCall =
  | { readonly kind: "callable"; readonly tool: AgentTool; readonly input: unknown }
  | { readonly kind: "mistaken"; readonly input: unknown; readonly reason: string };

/** Mistakes named at once. */
const MISTAKES_MAX = 5;

/**
 * Finds the tool that a model calls, and checks its arguments where the tool has a zod schema; those of a
 * JSON schema are checked by the tool's `refuse`.
 */
export function readCall(tools: AgentTools, { toolName, input: text }: ToolCallPart): ReadCall {
  const parsed = parseArguments(text);
  const input = parsed === NO_JSON ? {} : parsed;
  const tool = Object.hasOwn(tools, toolName) ? tools[toolName] : undefined;
  if (tool === undefined) return { kind: "mistaken", input, reason: noTool(toolName, tools) };
  if (parsed === NO_JSON) return { kind: "mistaken", input, reason: doNotFit("they are no JSON") };
  if ("jsonSchema" in tool.inputSchema) return { kind: "callable", tool, input };
  const checked = tool.inputSchema.safeParse(input);
  if (checked.success) return { kind: "callable", tool, input: checked.data };
  const mistakes = checked.error.issues.slice(0, MISTAKES_MAX).map(describe);
  return { kind: "mistaken", input, reason: doNotFit(mistakes.join("; ")) };
}

const NO_JSON = Symbol("no JSON");

/** Many models send nothing where a tool takes no arguments. */
function parseArguments(text: string): unknown {
  try {
    return JSON.parse(text.trim() === "" ? "{}" : text, withoutPrototype);
  } catch {
    return NO_JSON;
  }
}

/** Who copies the arguments somewhere must not change what other objects inherit. */
function withoutPrototype(key: string, value: unknown): unknown {
  return key === "__proto__" ? undefined : value;
}

function noTool(toolName: string, tools: AgentTools): string {
  const names = Object.keys(tools).join(", ");
  return `There is no tool ${toolName}. There are: ${names === "" ? "none" : names}.`;
}

function doNotFit(mistakes: string): string {
  return `The arguments do not fit: ${mistakes}. Correct them, or ask the customer for what is missing.`;
}

function describe({ path, message }: z.core.$ZodIssue): string {
  return `${path.length === 0 ? "the arguments" : path.join(".")}: ${message}`;
}
