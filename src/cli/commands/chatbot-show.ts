import { z } from "zod";
import { chatbotReference } from "./chatbot-reference.ts";
import { findCeilingLeaks } from "./check-ceilings.ts";
import { defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";

/** `chatbot show`. */
export const chatbotShow = defineCommand({
  name: "chatbot show",
  summary: "Show the settings of a chatbot; its secrets stay sealed.",
  examples: ["./parley chatbot show Support"],
  input: z.strictObject({ chatbot: chatbotReference }),
  view: { kind: "record" },
  async *run(deps, input, notice) {
    const chatbot = await getChatbot(deps, input.chatbot);
    for (const leak of findCeilingLeaks(chatbot)) notice(leak);
    yield chatbot;
  },
});
