import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { asSystem } from "#store/as-tenant.ts";
import { findTurn, listTurns, type TurnRow } from "#store/turns.ts";
import { type CommandDeps, defineCommand, type Row } from "./command.ts";
import { readConversationState } from "./read-conversation-state.ts";

const RECENT = 5;

/** `turns show`. */
export const turnsShow = defineCommand({
  name: "turns show",
  summary: "Show a turn, and say in a sentence what its conversation waits for.",
  examples: ["./parley turns show 0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c"],
  input: z.strictObject({
    id: z
      .uuid("is not an id; ./parley turns list shows them")
      .meta({ positional: true })
      .describe("Id of a turn, or of a conversation."),
  }),
  view: { kind: "record" },
  async *run(deps, input) {
    const turn = await asSystem(deps.database.db, (system) => findTurn(system, input.id));
    if (turn !== null) yield await describeTurn(deps, turn);
    else yield await describeConversation(deps, input.id);
  },
});

async function describeTurn(deps: CommandDeps, turn: TurnRow): Promise<Row> {
  if (turn.conversationId === null) return turn;
  const read = await readConversationState(deps, turn.conversationId);
  return { ...turn, explanation: read?.explanation ?? null };
}

async function describeConversation(deps: CommandDeps, id: string): Promise<Row> {
  const read = await readConversationState(deps, id);
  if (read === null)
    throw new AppError(
      "NOT_FOUND",
      "There is no turn and no conversation of this id; turns that ended long ago are removed.",
    );
  const turns = await asSystem(deps.database.db, (system) =>
    listTurns(system, { conversationId: id, limit: RECENT }),
  );
  return {
    conversationId: id,
    explanation: read.explanation,
    organizationId: read.state.organizationId,
    mailbox: read.state.mailbox,
    turns: [...turns],
  };
}
