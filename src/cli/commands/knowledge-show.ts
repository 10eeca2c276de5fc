import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { KnowledgeSource } from "#domain/knowledge.ts";
import { extractDocument } from "#knowledge/extract/extract-document.ts";
import { type CommandDeps, defineCommand, type Row } from "./command.ts";
import { getSource, sourceReference } from "./find-source.ts";
import { sourceSummary } from "./source-summary.ts";

/** `knowledge show`. */
export const knowledgeShow = defineCommand({
  name: "knowledge show",
  summary: "Show a document: how it stands and why, or the text that was read from it.",
  details:
    "With --text, its original is read once more, and each paragraph, list and table is printed under its page and headings.",
  examples: ["./parley knowledge show manual.pdf", "./parley knowledge show manual.pdf --text"],
  input: z.strictObject({
    source: sourceReference,
    text: z.boolean().default(false).describe("Print the text that is read from it."),
  }),
  view: { kind: "record" },
  viewFor: ({ text }) => (text === true ? { kind: "lines", line: formatBlock } : null),
  async *run(deps, input) {
    const source = await getSource(deps, input.source);
    if (input.text) yield* readText(deps, source);
    else yield sourceSummary(source);
  },
});

async function* readText(deps: CommandDeps, source: KnowledgeSource): AsyncGenerator<Row> {
  if (source.filePath === null)
    throw new AppError("NOT_FOUND", "This page was never fetched, so there is no text of it.");
  const outcome = await extractDocument({
    bytes: await deps.knowledge.storage.get(source.filePath),
    name: source.url === null ? source.name : null,
    url: source.url,
    charset: null,
  });
  if (outcome.kind === "failed") throw outcome.error;
  for (const { page, headings, text } of outcome.document.blocks) yield { page, headings, text };
}

const Block = z.object({
  page: z.number().nullable(),
  headings: z.array(z.string()),
  text: z.string(),
});

function formatBlock(row: Row): string {
  const { page, headings, text } = Block.parse(row);
  const above = [page === null ? "" : `page ${page}`, headings.join(" > ")].filter(Boolean);
  return `${above.length === 0 ? "" : `[${above.join(", ")}]\n`}${text}\n`;
}
