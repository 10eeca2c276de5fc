import { createBlockList, type BlockList } from "./block-list.ts";
import { decodeText } from "./decode-text.ts";
import { documentError } from "./document-error.ts";
import type { ExtractionLimits } from "./extraction-limits.ts";
import type { ExtractedDocument, Extractor, InspectedFile } from "./extractor.ts";
import { guessHead, renderTable } from "./render-table.ts";

const HEADING = /^ {0,3}(#{1,6})\s+(.*?)(\s+#+)?\s*$/;
const UNDERLINE = /^ {0,3}(=+|-+)\s*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)+\|?\s*$/;
const MARKS = /^#{1,6}\s+\S|^(=|-){3,}\s*$|^\s*[-*+]\s+\S|^\s*\|?\s*:?-+:?\s*\|/m;

/** Markdown: its headings, paragraphs, lists, tables and code. */
export const markdownExtractor: Extractor = {
  type: "markdown",
  sourceType: "text",
  mediaType: "text/markdown",
  recognises: ({ textStart, name }) =>
    textStart !== null &&
    (/\.(md|markdown|mdx)$/i.test(name ?? "") ||
      (!/\.\w+$/.test(name ?? "") && /^#{1,6}\s+\S/m.test(textStart) && MARKS.test(textStart))),
  extract: async (file, limits) => extractMarkdown(file, limits),
};

function extractMarkdown(file: InspectedFile, limits: ExtractionLimits): ExtractedDocument {
  const decoded = decodeText(file.bytes, file.charset);
  if (decoded === null) throw documentError("DOCUMENT_CORRUPT");
  const { title: named, body } = splitFrontMatter(decoded.text.replaceAll(/\r\n?/g, "\n"));
  const list = createBlockList(limits);
  const lines = body.split("\n");
  let first: string | null = null;
  let index = 0;
  while (index < lines.length) {
    const step = readPart(lines, index, list);
    if (step.heading !== null) first ??= step.heading;
    index = step.next;
  }
  const warnings = decoded.hasLosses ? ["Some characters could not be read."] : [];
  return { title: named ?? first, pages: null, blocks: list.finish(), warnings };
}

type Step = { readonly next: number; readonly heading: string | null };

function readPart(lines: readonly string[], index: number, list: BlockList): Step {
  const line = lines[index] ?? "";
  const [, marks, text] = HEADING.exec(line) ?? [];
  if (marks !== undefined && text !== undefined) {
    list.addHeading(marks.length, plainHeading(text));
    return { next: index + 1, heading: plainHeading(text) };
  }
  const fence = FENCE.exec(line)?.[1];
  const end = fence === undefined ? paragraphEnd(lines, index) : fenceEnd(lines, index, fence);
  const part = lines.slice(index, end);
  if (fence === undefined && TABLE_RULE.test(part[1] ?? "")) {
    const rows = part.filter((_, row) => row !== 1).map(splitRow);
    list.addText(renderTable(rows, guessHead(rows)));
    return { next: end, heading: null };
  }
  const underline = UNDERLINE.exec(part.at(-1) ?? "")?.[1];
  if (fence === undefined && part.length === 2 && underline !== undefined) {
    const heading = plainHeading(part[0] ?? "");
    list.addHeading(underline.startsWith("=") ? 1 : 2, heading);
    return { next: end, heading };
  }
  list.addText(part.join("\n"));
  return { next: Math.max(end, index + 1), heading: null };
}

/** A list's items may be apart by empty lines; everything else ends at one, or at a heading. */
function paragraphEnd(lines: readonly string[], start: number): number {
  let end = start;
  while (end < lines.length) {
    const line = lines[end] ?? "";
    if (line.trim() === "" || (end > start && (HEADING.test(line) || FENCE.test(line)))) break;
    end += 1;
    if (end - start === 2 && UNDERLINE.test(line)) break;
  }
  return Math.max(end, start + 1);
}

function fenceEnd(lines: readonly string[], start: number, fence: string): number {
  const end = lines.findIndex((line, index) => index > start && line.trim().startsWith(fence));
  return end === -1 ? lines.length : end + 1;
}

function splitRow(line: string): string[] {
  return line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll("\\|", "|").trim());
}

/** Headings are shown above passages, where marks and addresses only disturb. */
function plainHeading(text: string): string {
  return text
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[*`]+/g, "")
    .trim();
}

function splitFrontMatter(text: string): { readonly title: string | null; readonly body: string } {
  const [whole, matter = ""] = /^---\n([\s\S]*?)\n(?:---|\.\.\.)\n/.exec(text) ?? [""];
  const [, title] = /^title:\s*["']?(.*?)["']?\s*$/m.exec(matter) ?? [];
  return {
    title: title === undefined || title === "" ? null : title,
    body: text.slice(whole.length),
  };
}
