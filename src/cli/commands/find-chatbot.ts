import { AppError } from "#domain/errors.ts";
import { asSystem } from "#store/as-tenant.ts";
import { type ChatbotRow, listChatbots } from "#store/chatbots.ts";
import type { CommandDeps } from "./command.ts";

/**
 * The chatbot of this id, name or phone number id.
 * @throws AppError NOT_FOUND, or CONFLICT when several have this name.
 */
export async function getChatbot(
  deps: Pick<CommandDeps, "database">,
  reference: string,
): Promise<ChatbotRow> {
  const found = await asSystem(deps.database.db, (system) => listChatbots(system, { reference }));
  const [first] = found;
  if (first === undefined)
    throw new AppError(
      "NOT_FOUND",
      "There is no chatbot of this id, name or phone number id. ./parley chatbot list shows all.",
    );
  if (found.length > 1)
    throw new AppError(
      "CONFLICT",
      `${found.length} chatbots have this name; give the id: ${found.map(({ id }) => id).join(", ")}.`,
    );
  return first;
}
