import type { LanguageModelV4FunctionTool } from "@ai-sdk/provider";
import { jsonSchemaOf } from "#platform/json-schema-of.ts";
import type { AgentTools } from "./agent-tool.ts";

/** Tools as a model is offered them. */
export function toFunctionTools(tools: AgentTools): LanguageModelV4FunctionTool[] {
  return Object.entries(tools).map(([name, { description, inputSchema }]) => ({
    type: "function",
    name,
    description,
    inputSchema: jsonSchemaOf(inputSchema),
  }));
}
