import { z } from "zod";
import type { PromptContent } from "#domain/prompt-content.ts";
import { chatbotOption } from "./chatbot-reference.ts";
import { defineCommand, type Row } from "./command.ts";
import { diffLines } from "./diff-lines.ts";
import { getChatbot } from "./find-chatbot.ts";
import { loadPromptVersions, pickPromptVersion, promptReference } from "./find-prompt-version.ts";

/** `prompt diff`. */
export const promptDiff = defineCommand({
  name: "prompt diff",
  summary: "Show what differs between two versions of a chatbot's instructions.",
  details: "Without options: what publishing the draft would change.",
  examples: [
    "./parley prompt diff --chatbot Support",
    "./parley prompt diff --chatbot Support --from 2 --to published",
  ],
  input: z.strictObject({
    chatbot: chatbotOption,
    from: promptReference.default("published").describe("The version before."),
    to: promptReference.default("draft").describe("The version after."),
  }),
  view: {
    kind: "lines",
    line: (row) => {
      const { field, change, text } = Shown.parse(row);
      return `${change === "added" ? "+" : "-"} ${field}: ${text}`;
    },
  },
  async *run(deps, input, notice) {
    const versions = await loadPromptVersions(deps, await getChatbot(deps, input.chatbot));
    const from = pickPromptVersion(versions, input.from);
    const to = pickPromptVersion(versions, input.to);
    const rows = diffContents(from.content, to.content);
    if (rows.length === 0) notice(`Versions ${from.number} and ${to.number} say the same.`);
    yield* rows;
  },
});

const Shown = z.object({ field: z.string(), change: z.string(), text: z.string() });

function diffContents(before: PromptContent, after: PromptContent): readonly Row[] {
  const fields = Object.keys({ ...before, ...after });
  const [first, second] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return fields.flatMap((field) =>
    diffLines(toText(first.get(field)), toText(second.get(field))).map(({ change, text }) => ({
      field,
      change,
      text,
    })),
  );
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
