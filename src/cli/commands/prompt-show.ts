import { z } from "zod";
import { formatOpeningHours } from "#domain/opening-hours.ts";
import { findPromptFaults, PromptContent } from "#domain/prompt-content.ts";
import { chatbotOption } from "./chatbot-reference.ts";
import { defineCommand, type Row } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";
import { loadPromptVersions, pickPromptVersion, promptReference } from "./find-prompt-version.ts";

/** `prompt show`. */
export const promptShow = defineCommand({
  name: "prompt show",
  summary: "Show a version of a chatbot's instructions.",
  details:
    "With --json, the field content is what ./parley prompt edit takes with --content or --content-file.",
  examples: [
    "./parley prompt show --chatbot Support",
    "./parley prompt show --chatbot Support --number draft",
    "./parley prompt show --chatbot Support --number 3 --json",
  ],
  input: z.strictObject({
    chatbot: chatbotOption,
    number: promptReference
      .default("published")
      .describe("Number of the version, draft or published."),
  }),
  view: { kind: "lines", line: formatVersion },
  async *run(deps, input, notice) {
    const versions = await loadPromptVersions(deps, await getChatbot(deps, input.chatbot));
    const version = pickPromptVersion(versions, input.number);
    // What was written by SQL has passed no check.
    for (const fault of findPromptFaults(version.content)) notice(fault);
    yield version;
  },
});

function formatVersion(row: Row): string {
  const { number, status, author, answers, note } = Shown.parse(row);
  const { systemPrompt, openingHours, ...content } = PromptContent.parse(row["content"]);
  const hours = openingHours === null ? "" : formatOpeningHours(openingHours);
  const fields = Object.entries({ ...content, openingHours: hours }).map(
    ([field, value]) => `${field}: ${[value ?? ""].flat().join(", ") || "-"}`,
  );
  return [
    `version ${number}, ${status}, by ${author}, ${answers} answers`,
    ...(note === "" ? [] : [`note: ${note}`]),
    ...fields,
    "",
    systemPrompt,
  ].join("\n");
}

const Shown = z.object({
  number: z.number(),
  status: z.string(),
  author: z.string(),
  answers: z.number(),
  note: z.string(),
});
