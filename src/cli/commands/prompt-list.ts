import { z } from "zod";
import { chatbotOption } from "./chatbot-reference.ts";
import { defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";
import { loadPromptVersions } from "./find-prompt-version.ts";

/** `prompt list`. */
export const promptList = defineCommand({
  name: "prompt list",
  summary: "Show the versions of a chatbot's instructions, the newest first.",
  examples: ["./parley prompt list --chatbot Support"],
  input: z.strictObject({ chatbot: chatbotOption }),
  view: {
    kind: "table",
    columns: ["number", "status", "publishedAt", "answers", "author", "note"],
    whenEmpty: "There is none.",
  },
  async *run(deps, input) {
    const versions = await loadPromptVersions(deps, await getChatbot(deps, input.chatbot));
    for (const { content, ...version } of versions)
      yield { ...version, characters: content.systemPrompt.length };
  },
});
