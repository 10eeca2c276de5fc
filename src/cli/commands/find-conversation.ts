import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { asSystem } from "#store/as-tenant.ts";
import { type ConversationRow, listConversations } from "#store/conversations.ts";
import type { CommandDeps } from "./command.ts";

/** How commands name a conversation. */
export const conversationReference = z
  .uuid("is not an id; ./parley conversation list shows them")
  .meta({ positional: true })
  .describe("Id of the conversation.");

/** Whether the person is told of what a command does. */
export const silently = z
  .boolean()
  .default(false)
  .describe("Do not tell the person. They are told of it otherwise, in their language.");

/** The conversation of this id. @throws AppError NOT_FOUND. */
export async function getConversation(
  deps: Pick<CommandDeps, "database">,
  id: string,
): Promise<ConversationRow> {
  const [found] = await asSystem(deps.database.db, (system) =>
    listConversations(system, { id, limit: 1 }),
  );
  if (found !== undefined) return found;
  throw new AppError(
    "NOT_FOUND",
    "There is no conversation of this id. ./parley conversation list shows them.",
  );
}
