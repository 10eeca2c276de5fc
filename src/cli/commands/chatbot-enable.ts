import { z } from "zod";
import { chatbotReference } from "./chatbot-reference.ts";
import { defineCommand } from "./command.ts";
import { switchChatbotByOperator } from "./switch-chatbot.ts";

/** `chatbot enable`. */
export const chatbotEnable = defineCommand({
  name: "chatbot enable",
  summary: "Let a chatbot answer again.",
  examples: ["./parley chatbot enable Support"],
  input: z.strictObject({ chatbot: chatbotReference }),
  view: { kind: "record" },
  async *run(deps, input) {
    yield await switchChatbotByOperator(deps, input.chatbot, null);
  },
});
