import { z } from "zod";
import { defineCommand } from "./command.ts";
import { conversationReference, getConversation, silently } from "./find-conversation.ts";
import { returnToBot } from "./return-to-bot.ts";

/** `conversation resume`. */
export const conversationResume = defineCommand({
  name: "conversation resume",
  summary: "Give a conversation back to the bot; the person is told.",
  details:
    "The bot also answers what the person has asked meanwhile and nobody has answered. Where everything is settled, use `conversation close`.",
  examples: ["./parley conversation resume 0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c"],
  input: z.strictObject({ id: conversationReference, silently }),
  view: { kind: "record" },
  async *run(deps, input) {
    const conversation = await getConversation(deps, input.id);
    await returnToBot(deps, conversation, { way: "resumed", silently: input.silently });
    yield await getConversation(deps, conversation.id);
  },
});
