import { z } from "zod";
import { asSystem } from "#store/as-tenant.ts";
import { listNotes } from "#store/conversations.ts";
import { defineCommand } from "./command.ts";
import { conversationReference, getConversation } from "./find-conversation.ts";
import { readConversationState } from "./read-conversation-state.ts";

const NOTES_SHOWN = 10;

/** `conversation show`. */
export const conversationShow = defineCommand({
  name: "conversation show",
  summary: "Show a conversation with its notes, and say in a sentence what it waits for.",
  details:
    "The notes are what the bot left for colleagues when it handed over, and may quote the person; the messages themselves are not shown.",
  examples: ["./parley conversation show 0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c"],
  input: z.strictObject({ id: conversationReference }),
  view: { kind: "record" },
  async *run(deps, input) {
    const conversation = await getConversation(deps, input.id);
    const read = await readConversationState(deps, conversation.id);
    const notes = await asSystem(deps.database.db, (system) =>
      listNotes(system, conversation.id, NOTES_SHOWN),
    );
    yield { ...conversation, explanation: read?.explanation ?? null, notes: [...notes] };
  },
});
