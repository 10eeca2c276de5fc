import { z } from "zod";
import { defineCommand } from "./command.ts";
import { conversationReference, getConversation } from "./find-conversation.ts";
import { readConversationState } from "./read-conversation-state.ts";

/** `conversation show`. */
export const conversationShow = defineCommand({
  name: "conversation show",
  summary: "Show a conversation, and say in a sentence what it waits for.",
  examples: ["./parley conversation show 0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c"],
  input: z.strictObject({ id: conversationReference }),
  view: { kind: "record" },
  async *run(deps, input) {
    const conversation = await getConversation(deps, input.id);
    const read = await readConversationState(deps, conversation.id);
    yield { ...conversation, explanation: read?.explanation ?? null };
  },
});
