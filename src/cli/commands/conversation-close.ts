import { z } from "zod";
import { defineCommand } from "./command.ts";
import { conversationReference, getConversation, silently } from "./find-conversation.ts";
import { returnToBot } from "./return-to-bot.ts";

/** `conversation close`. */
export const conversationClose = defineCommand({
  name: "conversation close",
  summary: "Give a conversation back to the bot because the matter is settled; the person is told.",
  details: "Nothing that the person has written before is answered any more.",
  examples: ["./parley conversation close 0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c"],
  input: z.strictObject({ id: conversationReference, silently }),
  view: { kind: "record" },
  async *run(deps, input) {
    const conversation = await getConversation(deps, input.id);
    await returnToBot(deps, conversation, { way: "closed", silently: input.silently });
    yield await getConversation(deps, conversation.id);
  },
});
