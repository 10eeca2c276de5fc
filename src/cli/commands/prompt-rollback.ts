import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { PromptVersion } from "#store/prompt-versions.ts";
import { chatbotOption } from "./chatbot-reference.ts";
import { defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";
import { loadPromptVersions, pickPromptVersion, promptReference } from "./find-prompt-version.ts";
import { publishVersion } from "./publish-version.ts";

/** `prompt rollback`. */
export const promptRollback = defineCommand({
  name: "prompt rollback",
  summary: "Put an earlier version of a chatbot's instructions into effect again.",
  details:
    "Without --to, the one that was in effect before the present one. The version keeps its number; the draft stays as it is.",
  examples: [
    "./parley prompt rollback --chatbot Support",
    "./parley prompt rollback --chatbot Support --to 3",
  ],
  input: z.strictObject({
    chatbot: chatbotOption,
    to: promptReference.optional().describe("Number of the version."),
  }),
  view: { kind: "record" },
  async *run(deps, input) {
    const chatbot = await getChatbot(deps, input.chatbot);
    const versions = await loadPromptVersions(deps, chatbot);
    const version =
      input.to === undefined ? findEarlier(versions) : pickPromptVersion(versions, input.to);
    if (version.status !== "archived")
      throw new AppError(
        "CONFLICT",
        version.status === "draft"
          ? "A draft is put into effect by ./parley prompt publish."
          : `Version ${version.number} is in effect already.`,
      );
    yield await publishVersion(deps, chatbot, {
      version,
      previous: pickPromptVersion(versions, "published").number,
      action: "prompt.rolled_back",
    });
  },
});

/** The version that went into effect last before the present one. */
function findEarlier(versions: readonly PromptVersion[]): PromptVersion {
  const [earlier] = versions
    .filter(({ status }) => status === "archived")
    .toSorted((a, b) => ((a.publishedAt ?? "") < (b.publishedAt ?? "") ? 1 : -1));
  if (earlier !== undefined) return earlier;
  throw new AppError("NOT_FOUND", "There is no earlier version to go back to.");
}
