import { z } from "zod";
import { chatbotReference } from "./chatbot-reference.ts";
import { defineCommand } from "./command.ts";
import { switchChatbotByOperator } from "./switch-chatbot.ts";

/** `chatbot disable`. */
export const chatbotDisable = defineCommand({
  name: "chatbot disable",
  summary: "Let a chatbot record messages without answering.",
  examples: ["./parley chatbot disable Support"],
  input: z.strictObject({ chatbot: chatbotReference }),
  view: { kind: "record" },
  async *run(deps, input) {
    yield await switchChatbotByOperator(deps, input.chatbot, "operator");
  },
});
