import { z } from "zod";
import { explainFailure } from "#cli/explain-failure.ts";
import { jsonSchemaOf } from "#platform/json-schema-of.ts";
import { maskHeaders } from "#tools/secret-headers.ts";
import { type CommandDeps, defineCommand, type Row } from "./command.ts";
import { getTool, toolReference } from "./find-tool.ts";
import { loadIntegration, openForOperator, operatorAsCaller } from "./open-given-tool.ts";
import { toolSummary } from "./tool-list.ts";

/** `tool show`. */
export const toolShow = defineCommand({
  name: "tool show",
  summary: "Show a tool's settings, and what the model sees of it; asks its server.",
  examples: ["./parley tool show book_table", "./parley tool show crm --chatbot Support --json"],
  input: z.strictObject(toolReference),
  view: { kind: "record" },
  async *run(deps, input) {
    const tool = await getTool(deps, input);
    const { description, settings, toolConfig, credentials } = tool;
    const summary = toolSummary(tool);
    yield {
      ...summary,
      description,
      settings: maskHeaders(settings),
      toolConfig,
      credentials,
      ...(await lookInside(deps, tool)),
    };
  },
});

/** The tools that the integration brings, or why it brings none. */
async function lookInside(
  deps: CommandDeps,
  tool: Awaited<ReturnType<typeof getTool>>,
): Promise<Row> {
  try {
    const integration = await loadIntegration(deps, tool);
    const tools = await openForOperator(deps, integration, operatorAsCaller(tool));
    const seen = Object.entries(tools).map(([name, seenTool]) => ({
      name,
      description: seenTool.description,
      effects: seenTool.origin?.effects ?? "none",
      parameters: jsonSchemaOf(seenTool.inputSchema),
    }));
    return { tools: seen };
  } catch (error) {
    const { code, message } = explainFailure(error);
    return { tools: [], failure: `${message} (${code})` };
  }
}
