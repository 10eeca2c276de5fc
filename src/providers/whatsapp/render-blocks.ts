import type {
  Blockquote,
  Code,
  Definition,
  List,
  ListItem,
  RootContent,
  Table,
  TableRow,
} from "mdast";
import {
  renderBold,
  renderInline,
  renderInlineCode,
  renderPlain,
  showableAddress,
} from "./render-inline.ts";
import type { InlineContext } from "./render-inline.ts";

type BlockContext = InlineContext & {
  readonly references: ReadonlySet<string>;
  /** How many lists are around. */
  readonly listDepth: number;
  readonly isQuoted: boolean;
};

/** An en space: WhatsApp trims ordinary spaces at the start of a message's line. */
const INDENT = "\u2002\u2002";
const INDENTS_MAX = 6;

/** WhatsApp itself knows one level of lists; the deeper ones get a look of their own. */
const BULLETS = ["-", "◦", "▪"];

/** A header stands before each value of its column, so it has to stay short. */
const HEADER_UNITS_MAX = 60;

const BLANK_LINES_MAX = 2;

/** The text of parsed Markdown in WhatsApp's markup. `source` is what the nodes were parsed from. */
export function renderBlocks(source: string, nodes: readonly RootContent[]): string {
  const context = { source, ...collectDefinitions(nodes), listDepth: 0, isQuoted: false };
  return renderAll(nodes, context);
}

/** The `[label]: address` lines, and which of them some link stands for. */
function collectDefinitions(nodes: readonly RootContent[]): {
  readonly definitions: ReadonlyMap<string, string>;
  readonly references: ReadonlySet<string>;
} {
  const definitions = new Map<string, string>();
  const references = new Set<string>();
  const waiting = nodes.toReversed();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.type === "definition" && !definitions.has(node.identifier)) {
      definitions.set(node.identifier, node.url);
    }
    if (node.type === "linkReference" || node.type === "imageReference") {
      references.add(node.identifier);
    }
    if ("children" in node) waiting.push(...node.children.toReversed());
  }
  return { definitions, references };
}

/** Blocks below each other, with the blank lines that stood between them. */
function renderAll(nodes: readonly RootContent[], context: BlockContext): string {
  let text = "";
  let previous: RootContent | undefined;
  for (const node of nodes) {
    const block = renderBlock(node, context);
    if (block === "") continue;
    if (previous !== undefined) text += lineBreaksBetween(previous, node, BLANK_LINES_MAX);
    text += block;
    previous = node;
  }
  return text;
}

function lineBreaksBetween(
  previous: RootContent,
  next: RootContent,
  blankLinesMax: number,
): string {
  const from = previous.position?.end.line ?? 0;
  const to = next.position?.start.line ?? 0;
  return "\n".repeat(1 + Math.min(Math.max(to - from - 1, 0), blankLinesMax));
}

function renderBlock(node: RootContent, context: BlockContext): string {
  switch (node.type) {
    case "paragraph":
      return collapseBlankLines(renderInline(node.children, context));
    case "heading":
      return collapseBlankLines(renderBold(node.children, context));
    case "list":
      return renderList(node, context);
    case "blockquote":
      return renderQuote(node, context);
    case "code":
      return renderCode(node, context);
    case "table":
      return renderTable(node, context);
    case "thematicBreak":
      return "---";
    case "definition":
      return renderDefinition(node, context);
    default:
      // Footnotes and the remains of HTML have nothing to show.
      return "";
  }
}

/** Models list their sources in this form too; where no link uses it, it is meant to be read. */
function renderDefinition(node: Definition, context: BlockContext): string {
  const address = showableAddress(node.url);
  const isUsed = context.references.has(node.identifier);
  return isUsed || address === "" ? "" : `${node.label ?? node.identifier}: ${address}`;
}

/** Lines that held nothing but HTML or a citation are empty now. */
function collapseBlankLines(text: string): string {
  return text.trim().replaceAll(/\n{3,}/g, "\n\n");
}

function renderList(list: List, context: BlockContext): string {
  let text = "";
  let previous: ListItem | undefined;
  let number = (list.start ?? 1) - 1;
  for (const item of list.children) {
    number = list.ordered === true ? numberOf(item, number, context) : number;
    const marker = markerOf(item, list.ordered === true ? number : undefined, context);
    if (previous !== undefined) text += lineBreaksBetween(previous, item, 1);
    text += renderItem(item, marker, context);
    previous = item;
  }
  return text;
}

/** The number that is written, unless the writer left counting to Markdown (`1.`, `1.`, `1.`). */
function numberOf(item: ListItem, previous: number, context: BlockContext): number {
  const start = item.position?.start.offset ?? 0;
  const written = Number(/^\d+/.exec(context.source.slice(start, start + 9))?.[0] ?? 0);
  return written > previous ? written : previous + 1;
}

function markerOf(item: ListItem, number: number | undefined, context: BlockContext): string {
  if (typeof item.checked === "boolean") return item.checked ? "☑" : "☐";
  if (number !== undefined) return `${number}.`;
  return BULLETS[Math.min(context.listDepth, BULLETS.length - 1)] ?? "-";
}

function renderItem(item: ListItem, marker: string, context: BlockContext): string {
  const indent = indentBy(context.listDepth + 1);
  let text = indentBy(context.listDepth) + marker;
  let previous: RootContent | undefined;
  for (const node of item.children) {
    const block = renderBlock(node, { ...context, listDepth: context.listDepth + 1 });
    if (block === "") continue;
    if (!isWords(node)) {
      text += breaksInItem(previous, node) + block;
    } else {
      text += previous === undefined ? " " : breaksInItem(previous, node) + indent;
      text += block.replaceAll(/\n(?=[^\n])/g, `\n${indent}`);
    }
    previous = node;
  }
  return text;
}

function breaksInItem(previous: RootContent | undefined, node: RootContent): string {
  return previous === undefined ? "\n" : lineBreaksBetween(previous, node, 1);
}

/**
 * Blocks that move below the words of their list item. Lists indent themselves, and the marks of
 * code and quotes have to start a line.
 */
function isWords(node: RootContent): boolean {
  return node.type === "paragraph" || node.type === "heading" || node.type === "table";
}

function indentBy(depth: number): string {
  return INDENT.repeat(Math.min(depth, INDENTS_MAX));
}

/** WhatsApp marks quotes line by line and knows one level; a quote in a quote gets its own sign. */
function renderQuote(quote: Blockquote, context: BlockContext): string {
  const sign = context.isQuoted ? "»" : ">";
  return renderAll(quote.children, { ...context, isQuoted: true })
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => `${sign} ${line}`)
    .join("\n");
}

/** A fence without its language. In a quote every line is marked for itself. */
function renderCode(code: Code, context: BlockContext): string {
  if (code.value.trim() === "") return "";
  if (context.isQuoted) return code.value.split("\n").map(renderInlineCode).join("\n");
  return `\`\`\`\n${code.value.replaceAll("```", "'''")}\n\`\`\``;
}

/** A row becomes a group of `header: value` lines, since columns do not fit on a phone. */
function renderTable(table: Table, context: BlockContext): string {
  const [headerRow, ...rows] = table.children;
  const headers = headerRow?.children.map((cell) => renderPlain(cell.children, context)) ?? [];
  if (rows.length === 0) return headers.join(", ");
  const labels = headers.map((header) =>
    header.trim().replace(/:$/, "").slice(0, HEADER_UNITS_MAX),
  );
  const groups = rows.map((row) => renderRow(row, labels, context)).filter((group) => group !== "");
  return groups.join(labels.length > 1 ? "\n\n" : "\n");
}

function renderRow(row: TableRow, labels: readonly string[], context: BlockContext): string {
  return row.children
    .map((cell, column) => {
      const value = renderInline(cell.children, context).replaceAll("\n", ", ");
      const label = labels[column] ?? "";
      return value === "" || label === "" || labels.length === 1 ? value : `${label}: ${value}`;
    })
    .filter((line) => line !== "")
    .join("\n");
}
