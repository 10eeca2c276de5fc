import { z } from "zod";
import { chatbotOption } from "./chatbot-reference.ts";
import { defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";
import { loadPromptVersions, pickPromptVersion } from "./find-prompt-version.ts";
import { publishVersion } from "./publish-version.ts";

/** `prompt publish`. */
export const promptPublish = defineCommand({
  name: "prompt publish",
  summary: "Put the draft of a chatbot's instructions into effect, from its next turn on.",
  examples: ["./parley prompt publish --chatbot Support"],
  input: z.strictObject({ chatbot: chatbotOption }),
  view: { kind: "record" },
  async *run(deps, input) {
    const chatbot = await getChatbot(deps, input.chatbot);
    const versions = await loadPromptVersions(deps, chatbot);
    const draft = pickPromptVersion(versions, "draft");
    yield await publishVersion(deps, chatbot, {
      version: draft,
      previous: pickPromptVersion(versions, "published").number,
      action: "prompt.published",
    });
  },
});
