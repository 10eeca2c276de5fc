import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { asSystem } from "#store/as-tenant.ts";
import { type GivenTool, listGivenTools } from "#store/given-tools.ts";
import { chatbotOption } from "./chatbot-reference.ts";
import type { CommandDeps } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";

/** How commands name a chatbot's tool. */
export const toolReference = {
  tool: z
    .string()
    .min(1, "may not be empty")
    .meta({ positional: true })
    .describe("Name or id of the tool's integration."),
  chatbot: chatbotOption.optional(),
};

/**
 * The tool of this id or name, of this chatbot or of the only one that has it.
 * @throws AppError NOT_FOUND, or CONFLICT when several chatbots have it.
 */
export async function getTool(
  deps: Pick<CommandDeps, "database">,
  reference: { readonly tool: string; readonly chatbot?: string | undefined },
): Promise<GivenTool> {
  const filter =
    reference.chatbot === undefined
      ? {}
      : { chatbotId: (await getChatbot(deps, reference.chatbot)).id };
  const found = await asSystem(deps.database.db, (system) =>
    listGivenTools(system, { reference: reference.tool, ...filter }),
  );
  const [first] = found;
  if (first === undefined)
    throw new AppError(
      "NOT_FOUND",
      "There is no tool of this name or id. ./parley tool list shows all.",
    );
  if (found.length > 1)
    throw new AppError(
      "CONFLICT",
      `${found.length} chatbots have this tool; say which with --chatbot: ${found.map((tool) => tool.chatbot).join(", ")}.`,
    );
  return first;
}
