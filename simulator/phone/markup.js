import { element } from "./dom.js";

/**
 * WhatsApp's formatting as DOM nodes: bold, italic, strike, code, blocks of code, lists and
 * quotes. Addresses become links.
 *
 * @param {string} text
 * @returns {Node[]}
 */
export function renderMarkup(text) {
  // Odd pieces lie between fences; an unclosed fence stays text.
  const pieces = text.split(/```([\s\S]+?)```/u);
  return pieces.flatMap((piece, index) =>
    index % 2 === 1
      ? [element("pre", {}, element("code", {}, piece.replace(/^\n|\n$/gu, "")))]
      : renderLines(piece),
  );
}

/**
 * The same without formatting, on one line: for previews and quotes.
 *
 * @param {string} text
 * @returns {string}
 */
export function plainText(text) {
  return text
    .replace(/```/gu, "")
    .replace(/(^|[\s(])([*_~`])(\S(?:[^\n]*?\S)?)\2(?=$|[\s.,;:!?)])/gu, "$1$3")
    .replace(/\s+/gu, " ")
    .trim();
}

/**
 * @typedef {{ kind: "text" | "quote" | "bullet" | "number", text: string, start?: number }} Line
 */

/**
 * @param {string} line
 * @returns {Line}
 */
function readLine(line) {
  const quote = /^> ?(.*)$/u.exec(line);
  if (quote) return { kind: "quote", text: quote[1] ?? "" };
  const bullet = /^[-*•] (.+)$/u.exec(line);
  if (bullet) return { kind: "bullet", text: bullet[1] ?? "" };
  const number = /^(\d{1,3})\. (.+)$/u.exec(line);
  if (number) return { kind: "number", text: number[2] ?? "", start: Number(number[1]) };
  return { kind: "text", text: line };
}

/**
 * @param {string} text
 * @returns {Node[]}
 */
function renderLines(text) {
  if (text === "") return [];
  /** @type {Line[][]} */
  const groups = [];
  for (const line of text
    .replace(/^\n+|\n+$/gu, "")
    .split("\n")
    .map(readLine)) {
    const group = groups.at(-1);
    if (group !== undefined && group[0]?.kind === line.kind) group.push(line);
    else groups.push([line]);
  }
  return groups.map(renderGroup);
}

/**
 * @param {Line[]} group
 * @returns {Node}
 */
function renderGroup(group) {
  const [first] = group;
  if (first === undefined || first.kind === "text" || first.kind === "quote") {
    const lines = group.flatMap(({ text }, index) => [
      ...(index === 0 ? [] : ["\n"]),
      ...renderInline(text),
    ]);
    return element(first?.kind === "quote" ? "blockquote" : "p", {}, ...lines);
  }
  const items = group.map(({ text }) => element("li", {}, ...renderInline(text)));
  return first.kind === "bullet"
    ? element("ul", {}, ...items)
    : element("ol", { start: String(first.start ?? 1) }, ...items);
}

const INLINE =
  /(?<before>^|[\s([{"'*_~])(?:`(?<code>[^`\n]+)`|(?<mark>[*_~])(?<inner>\S(?:[^\n]*?\S)?)\k<mark>(?=$|[\s.,;:!?)\]}"'*_~]))|(?<link>https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/u;

const TAGS = /** @type {const} */ ({ "*": "strong", _: "em", "~": "s" });

/**
 * @param {string} text
 * @returns {(Node | string)[]}
 */
function renderInline(text) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  let rest = text;
  for (let match = INLINE.exec(rest); match !== null; match = INLINE.exec(rest)) {
    const { before = "", code, mark, inner = "", link } = match.groups ?? {};
    nodes.push(rest.slice(0, match.index) + before);
    if (link !== undefined) nodes.push(renderLink(link));
    else if (code !== undefined) nodes.push(element("code", {}, code));
    else
      nodes.push(element(TAGS[/** @type {"*" | "_" | "~"} */ (mark)], {}, ...renderInline(inner)));
    rest = rest.slice(match.index + match[0].length);
  }
  return [...nodes, rest].filter((node) => node !== "");
}

/**
 * @param {string} url
 * @returns {Node}
 */
function renderLink(url) {
  return element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url);
}
