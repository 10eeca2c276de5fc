import { z } from "zod";
import { asSystem } from "#store/as-tenant.ts";
import { type GivenTool, listGivenTools } from "#store/given-tools.ts";
import { chatbotOption } from "./chatbot-reference.ts";
import { defineCommand, type Row } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";

/** `tool list`. */
export const toolList = defineCommand({
  name: "tool list",
  summary: "Show the tools of all chatbots, or of one, and whether they work.",
  examples: ["./parley tool list", "./parley tool list --chatbot Support --json"],
  input: z.strictObject({ chatbot: chatbotOption.optional() }),
  view: {
    kind: "table",
    columns: ["name", "provider", "chatbot", "state", "confirmation", "checkedAt"],
    whenEmpty: "No chatbot has a tool. ./parley tool add gives one.",
  },
  async *run(deps, input) {
    const filter =
      input.chatbot === undefined ? {} : { chatbotId: (await getChatbot(deps, input.chatbot)).id };
    const tools = await asSystem(deps.database.db, (system) => listGivenTools(system, filter));
    yield* tools.map(toolSummary);
  },
});

/** A tool as a row of results. */
export function toolSummary(tool: GivenTool): Row {
  const asks = tool.toolConfig["requires_confirmation"] === true;
  return {
    id: tool.id,
    name: tool.name,
    provider: tool.provider,
    chatbot: tool.chatbot,
    chatbotId: tool.chatbotId,
    state: stateOf(tool),
    confirmation: asks ? "customer" : "none",
    checkedAt: tool.checkedAt,
  };
}

function stateOf({ enabled, isActive, errorCode }: GivenTool): string {
  if (!enabled || !isActive) return "off";
  return errorCode ?? "on";
}
