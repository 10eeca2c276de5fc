import type { BlockList } from "./block-list.ts";
import { inlineText, type LinkBase } from "./inline-text.ts";
import { isElement, type HtmlElement, type HtmlNode } from "./parse-html.ts";
import { readHtmlTable } from "./read-html-table.ts";
import { guessHead, renderTable } from "./render-table.ts";

/** Elements deeper than this are read as one run of text; browsers stop at 512 too. */
const DEPTH_MAX = 400;
const SKIPPED = new Set(
  "script style template noscript iframe object embed svg canvas head select textarea button input audio video map".split(
    " ",
  ),
);
const BLOCKS = new Set(
  "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split(
    " ",
  ),
);
const LIST_ITEM_BLOCKS = "h1,h2,h3,h4,h5,h6,table,pre";

type Walk = {
  readonly list: BlockList;
  readonly links: LinkBase;
  /** Inline nodes since the last block began. */
  inline: HtmlNode[];
};

/** Writes an element's headings, paragraphs, lists and tables to the list, in reading order. */
export function htmlToBlocks(root: HtmlElement, list: BlockList, links: LinkBase): void {
  const walk: Walk = { list, links, inline: [] };
  visitChildren(walk, root, 0);
  flush(walk);
}

function visitChildren(walk: Walk, parent: HtmlNode, depth: number): void {
  for (const child of parent.childNodes) {
    if (!isElement(child)) walk.inline.push(child);
    else if (!SKIPPED.has(child.localName)) visit(walk, child, depth + 1);
  }
}

function visit(walk: Walk, element: HtmlElement, depth: number): void {
  const name = element.localName;
  const isInline = !BLOCKS.has(name);
  if (isInline && !hasBlockInside(element, depth)) {
    walk.inline.push(element);
    return;
  }
  flush(walk);
  if (depth > DEPTH_MAX) walk.list.addText(element.textContent ?? "");
  else if (/^h[1-6]$/.test(name)) visitHeading(walk, element);
  else if (name === "table") visitTable(walk, element, depth);
  else if (name === "ul" || name === "ol") visitList(walk, element, depth);
  else if (name === "dl") visitDefinitions(walk, element, depth);
  else if (name === "pre") walk.list.addText(element.textContent ?? "");
  else visitChildren(walk, element, depth);
  flush(walk);
}

/** A link around a whole card, for instance. */
function hasBlockInside(element: HtmlElement, depth: number): boolean {
  if (depth > DEPTH_MAX) return false;
  return [...element.childNodes].some(
    (child) =>
      isElement(child) && (BLOCKS.has(child.localName) || hasBlockInside(child, depth + 1)),
  );
}

function visitHeading(walk: Walk, element: HtmlElement): void {
  walk.list.addHeading(Number(element.localName.slice(1)), inlineText([element], "no links"));
}

function visitTable(walk: Walk, table: HtmlElement, depth: number): void {
  const read = readHtmlTable(table, walk.links);
  if (read === null) {
    visitChildren(walk, table, depth);
    return;
  }
  if (read.caption !== "") walk.list.addText(read.caption);
  const head = read.hasHeadCells ? guessHead(read.rows) : "none";
  walk.list.addText(renderTable(read.rows, head));
}

function visitList(walk: Walk, element: HtmlElement, depth: number): void {
  if (element.querySelector(LIST_ITEM_BLOCKS) !== null) visitChildren(walk, element, depth);
  else walk.list.addText(renderList(walk, element, depth).join("\n"));
}

/** One line per item, items of inner lists indented below theirs. */
function renderList(walk: Walk, list: HtmlElement, depth: number): string[] {
  const start = Number(list.getAttribute("start") ?? 1);
  const items = [...list.childNodes].filter(isElement);
  return items.flatMap((item, index) => {
    if (/^[ou]l$/.test(item.localName) && depth <= DEPTH_MAX) {
      return renderList(walk, item, depth + 1).map((line) => `  ${line}`);
    }
    const mark = list.localName === "ol" ? `${String(start + index)}. ` : "- ";
    return renderItem(walk, item, depth).map((line, row) => (row === 0 ? mark : "  ") + line);
  });
}

function renderItem(walk: Walk, item: HtmlElement, depth: number): string[] {
  const own: HtmlNode[] = [];
  const below: string[] = [];
  for (const child of item.childNodes) {
    const isList = isElement(child) && /^[ou]l$/.test(child.localName) && depth <= DEPTH_MAX;
    if (isList) below.push(...renderList(walk, child, depth + 1));
    else if (!isElement(child) || !SKIPPED.has(child.localName)) own.push(child);
  }
  const text = inlineText(own, walk.links).replaceAll(/\s*\n\s*/g, " ");
  return text === "" ? below : [text, ...below];
}

/** `term: what it means`, one line each. */
function visitDefinitions(walk: Walk, element: HtmlElement, depth: number): void {
  const children = [...element.childNodes].filter(isElement);
  if (!children.every(({ localName }) => localName === "dt" || localName === "dd")) {
    visitChildren(walk, element, depth);
    return;
  }
  const lines: string[] = [];
  let term = "";
  for (const child of children) {
    const text = inlineText([child], walk.links).replaceAll(/\s*\n\s*/g, " ");
    if (child.localName === "dt") term = term === "" ? text : `${term}, ${text}`;
    else {
      lines.push(term === "" ? text : `${term}: ${text}`);
      term = "";
    }
  }
  walk.list.addText([...lines, term].join("\n"));
}

function flush(walk: Walk): void {
  const text = inlineText(walk.inline, walk.links);
  walk.inline = [];
  walk.list.addText(text);
}
