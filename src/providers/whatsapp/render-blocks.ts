import type { Block } from "./nest-blocks.ts";
import type { ParsedMarkdown } from "./parse-markdown.ts";
import {
  renderBold,
  renderInline,
  renderInlineCode,
  renderPlain,
  showableAddress,
} from "./render-inline.ts";

type Place = {
  readonly source: ParsedMarkdown;
  /** How many lists are around. */
  readonly listDepth: number;
  readonly isQuoted: boolean;
};

/** An en space: WhatsApp trims ordinary spaces at the start of a message's line. */
const INDENT = "\u2002\u2002";
const INDENTS_MAX = 6;

/** WhatsApp itself knows one level of lists; the deeper ones get a look of their own. */
const BULLETS = ["-", "◦", "▪"];

/** How the text of a task begins. */
const BOXES = new Map([
  [" [ ] ", "☐"],
  [" [x] ", "☑"],
  [" [X] ", "☑"],
]);
const BOX_UNITS = 5;

/** A header stands before each value of its column, so it has to stay short. */
const HEADER_UNITS_MAX = 60;

const BLANK_LINES_MAX = 2;

/** The text of parsed Markdown in WhatsApp's markup. */
export function renderBlocks(source: ParsedMarkdown): string {
  return renderAll(source.blocks, { source, listDepth: 0, isQuoted: false });
}

/** Blocks below each other, with the blank lines that stood between them. */
function renderAll(blocks: readonly Block[], place: Place): string {
  let text = "";
  let previous: Block | undefined;
  for (const block of blocks) {
    const rendered = renderBlock(block, place);
    if (rendered === "") continue;
    if (previous !== undefined) text += lineBreaksBetween(previous, block, BLANK_LINES_MAX);
    text += rendered;
    previous = block;
  }
  return text;
}

function lineBreaksBetween(previous: Block, next: Block, blankLinesMax: number): string {
  const blankLines = Math.min(Math.max(next.firstLine - previous.endLine, 0), blankLinesMax);
  return "\n".repeat(1 + blankLines);
}

function renderBlock(block: Block, place: Place): string {
  switch (block.type) {
    case "paragraph":
      return collapseBlankLines(renderInline(block.words));
    case "heading":
      return collapseBlankLines(renderBold(block.words));
    case "bullet_list":
    case "ordered_list":
      return renderList(block, place);
    case "blockquote":
      return renderQuote(block, place);
    case "fence":
      return renderCode(block.token.content.replace(/\n$/, ""), place);
    case "table":
      return renderTable(block);
    case "hr":
      return "---";
    case "reference_definition":
      return renderDefinition(block, place.source);
    default: // nothing that has words of its own
      return renderAll(block.blocks, place);
  }
}

/** Models list their sources in this form too; where no link uses it, it is meant to be read. */
function renderDefinition(block: Block, source: ParsedMarkdown): string {
  const label = String(block.token.meta?.["label"]);
  const address = showableAddress(source.references[label]?.href ?? "");
  if (source.usedLabels.has(label) || address === "") return "";
  const written = /\[((?:\\.|[^\\\]])+)\]:/.exec(source.lines[block.firstLine] ?? "")?.[1];
  return `${written ?? label}: ${address}`;
}

/** Lines that held nothing but HTML or a citation are empty now. */
function collapseBlankLines(text: string): string {
  return text.trim().replaceAll(/\n{3,}/g, "\n\n");
}

function renderList(list: Block, place: Place): string {
  let text = "";
  let previous: Block | undefined;
  let number = -1;
  for (const item of list.blocks) {
    number = numberOf(item, number);
    if (previous !== undefined) text += lineBreaksBetween(previous, item, 1);
    text += renderItem(item, number, place);
    previous = item;
  }
  return text;
}

/** The number that is written, unless the writer left counting to Markdown (`1.`, `1.`, `1.`). */
function numberOf(item: Block, previous: number): number {
  return Math.max(Number(item.token.info), previous + 1);
}

function renderItem(item: Block, number: number, place: Place): string {
  const inner = { ...place, listDepth: place.listDepth + 1 };
  const indent = indentBy(inner.listDepth);
  let text = "";
  let previous: Block | undefined;
  for (const block of item.blocks) {
    const rendered = renderBlock(block, inner);
    if (rendered === "") continue;
    if (!isWords(block)) {
      text += breaksInItem(previous, block) + rendered;
    } else {
      text += previous === undefined ? " " : breaksInItem(previous, block) + indent;
      text += rendered.replaceAll(/\n(?=[^\n])/g, `\n${indent}`);
    }
    previous = block;
  }
  const box = BOXES.get(text.slice(0, BOX_UNITS));
  const marker = box ?? markerOf(item, number, place);
  return indentBy(place.listDepth) + marker + text.slice(box === undefined ? 0 : BOX_UNITS - 1);
}

function markerOf(item: Block, number: number, place: Place): string {
  if (item.token.info !== "") return `${number}.`;
  return BULLETS[Math.min(place.listDepth, BULLETS.length - 1)] ?? "-";
}

function breaksInItem(previous: Block | undefined, block: Block): string {
  return previous === undefined ? "\n" : lineBreaksBetween(previous, block, 1);
}

/**
 * Blocks that move below the words of their list item. Lists indent themselves, and the marks of
 * code and quotes have to start a line.
 */
function isWords(block: Block): boolean {
  return block.type === "paragraph" || block.type === "heading" || block.type === "table";
}

function indentBy(depth: number): string {
  return INDENT.repeat(Math.min(depth, INDENTS_MAX));
}

/** WhatsApp marks quotes line by line and knows one level; a quote in a quote gets its own sign. */
function renderQuote(quote: Block, place: Place): string {
  const sign = place.isQuoted ? "»" : ">";
  return renderAll(quote.blocks, { ...place, isQuoted: true })
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => `${sign} ${line}`)
    .join("\n");
}

/** A fence without its language. In a quote every line is marked for itself. */
function renderCode(code: string, place: Place): string {
  if (code.trim() === "") return "";
  if (place.isQuoted) return code.split("\n").map(renderInlineCode).join("\n");
  return `\`\`\`\n${code.replaceAll("```", "'''")}\n\`\`\``;
}

/** A row becomes a group of `header: value` lines, since columns do not fit on a phone. */
function renderTable(table: Block): string {
  const [headerRow, ...rows] = table.blocks.flatMap((part) => part.blocks);
  const headers = headerRow?.blocks.map((cell) => renderPlain(cell.words)) ?? [];
  if (rows.length === 0) return headers.join(", ");
  const labels = headers.map((header) =>
    header.trim().replace(/:$/, "").slice(0, HEADER_UNITS_MAX),
  );
  const groups = rows.map((row) => renderRow(row, labels)).filter((group) => group !== "");
  return groups.join(labels.length > 1 ? "\n\n" : "\n");
}

function renderRow(row: Block, labels: readonly string[]): string {
  return row.blocks
    .map((cell, column) => {
      const value = renderInline(cell.words).replaceAll("\n", ", ");
      const label = labels[column] ?? "";
      return value === "" || label === "" || labels.length === 1 ? value : `${label}: ${value}`;
    })
    .filter((line) => line !== "")
    .join("\n");
}
