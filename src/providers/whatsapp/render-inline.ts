import type { Token } from "markdown-it";
import { removeCitations } from "./clean-text.ts";

type Style = "bold" | "italic" | "strike";

/** A piece of a line in one look. Verbatim pieces (code, addresses) are never touched or marked. */
type Run = {
  readonly text: string;
  readonly styles: ReadonlySet<Style>;
  readonly isVerbatim: boolean;
};

const MARKERS = [
  ["bold", "*"],
  ["italic", "_"],
  ["strike", "~"],
] as const satisfies ReadonlyArray<readonly [Style, string]>;

/** The parser's tags for them. */
const STYLES: Readonly<Record<string, Style>> = { strong: "bold", em: "italic", s: "strike" };

/** Addresses longer than this are data, not something that a person taps. */
const URL_UNITS_MAX = 2_048;

/** The words of a paragraph in WhatsApp's markup, each line for itself: markers never span lines. */
export function renderInline(tokens: readonly Token[]): string {
  return renderRuns(toRuns(tokens, []));
}

/** The words of a heading: bold as a whole, so that bold inside it would mark nothing. */
export function renderBold(tokens: readonly Token[]): string {
  return renderRuns(toRuns(tokens, ["bold"]));
}

/** The bare words. */
export function renderPlain(tokens: readonly Token[]): string {
  return textOf(toRuns(tokens, []));
}

/** The runs of words that have the given styles and those of the emphasis around them. */
function toRuns(tokens: readonly Token[], outerStyles: readonly Style[]): Run[] {
  const runs: Run[] = [];
  const open: Style[] = [...outerStyles];
  let link = { url: "", from: 0 };
  for (const token of tokens) {
    const style = STYLES[token.tag];
    if (style !== undefined) {
      if (token.nesting > 0) open.push(style);
      else open.pop();
    } else if (token.type === "link_open") {
      link = { url: String(token.attrGet("href")), from: runs.length };
    } else if (token.type === "link_close") {
      runs.push(...addAddress(runs.splice(link.from), link.url));
    } else {
      runs.push(...leafRuns(token, new Set(open)));
    }
  }
  return runs;
}

function leafRuns(token: Token, styles: ReadonlySet<Style>): Run[] {
  switch (token.type) {
    case "text":
      return [plainRun(removeStrayMarkers(removeCitations(token.content)), styles)];
    case "address":
      return [verbatimRun(token.content)];
    case "code_inline":
      return [verbatimRun(renderInlineCode(token.content))];
    case "softbreak":
    case "hardbreak":
      return [plainRun("\n", styles)];
    case "html_inline":
      if (/^<br\b/i.test(token.content)) return [plainRun("\n", styles)];
      return HTML.test(token.content) ? [] : [plainRun(token.content, styles)];
    case "image": {
      const alternative = plainRun(renderPlain(token.children ?? []), styles);
      return addAddress([alternative], String(token.attrGet("src")));
    }
    default: // a sign
      return [plainRun(token.content, styles)];
  }
}

/**
 * Tags that models write, and comments. What else stands in angle brackets is meant to be read, such as
 * `<your name>` or `a <b and c> d`.
 */
const HTML =
  /^<(?:[!?]|\/?(?:a|abbr|b|big|blockquote|center|cite|code|del|details|div|em|font|h[1-6]|hr|i|img|ins|kbd|li|mark|ol|p|pre|q|s|small|span|strike|strong|sub|summary|sup|table|tbody|td|th|thead|tr|tt|u|ul)(?:\s[^=]*=|\s*\/?>))/i;

function plainRun(text: string, styles: ReadonlySet<Style>): Run {
  return { text, styles, isVerbatim: false };
}

function verbatimRun(text: string): Run {
  return { text, styles: new Set(), isVerbatim: true };
}

/**
 * `**Note:**text` is no emphasis by Markdown's rules, though models mean it, above all in languages
 * without spaces. WhatsApp could not show it either, so only the asterisks go.
 */
function removeStrayMarkers(text: string): string {
  return text.replaceAll(/\*\*([^\s*](?:[^*\n]{0,200}[^\s*])?)\*\*/g, "$1");
}

/** Inside backticks WhatsApp knows no escape, so a backtick in the code needs the longer marks. */
export function renderInlineCode(code: string): string {
  const line = code.replaceAll("\n", " ").trim();
  if (line === "") return "";
  return line.includes("`") ? `\`\`\`${line.replaceAll("```", "'''")}\`\`\`` : `\`${line}\``;
}

/** `text (address)`, or the address alone where the text says the same. */
function addAddress(label: readonly Run[], url: string): Run[] {
  const labelText = textOf(label).trim();
  const address = showableAddress(url);
  if (address === "") return [...label];
  if (labelText === "") return [verbatimRun(address)];
  // An address written out is a piece of the text: it stays as the model wrote it.
  if (comparable(labelText) === comparable(address)) return [verbatimRun(labelText)];
  return [...label, plainRun(" (", new Set()), verbatimRun(address), plainRun(")", new Set())];
}

/** The address as a person can use it; nothing for scripts, data and places inside the answer. */
export function showableAddress(url: string): string {
  const address = url.replaceAll(/\s/g, "%20").replace(/^(?:mailto|tel):/i, "");
  const isUseless = /^(?:#|javascript:|vbscript:|data:)/i.test(address);
  return isUseless || address.length > URL_UNITS_MAX ? "" : address;
}

function comparable(address: string): string {
  return address
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\/$/, "");
}

function textOf(runs: readonly Run[]): string {
  return runs.map((run) => run.text).join("");
}

function renderRuns(runs: readonly Run[]): string {
  return splitLines(runs)
    .map((line) => renderLine(line, { level: 0, before: "", after: "" }).trim())
    .join("\n");
}

function splitLines(runs: readonly Run[]): Run[][] {
  let line: Run[] = [];
  const lines = [line];
  for (const run of runs) {
    const [first = "", ...rest] = run.isVerbatim ? [run.text] : run.text.split("\n");
    line.push({ ...run, text: first });
    for (const text of rest) {
      line = [{ ...run, text }];
      lines.push(line);
    }
  }
  return lines.map((pieces) => pieces.filter((run) => run.text !== ""));
}

type Place = {
  /** Index into `MARKERS`. */
  readonly level: number;
  /** The text on either side, which decides whether WhatsApp would see a marker as one. */
  readonly before: string;
  readonly after: string;
};

/** Puts the marker of this level round each stretch that has its style; the rest goes a level down. */
function renderLine(runs: readonly Run[], place: Place): string {
  const current = MARKERS[place.level];
  if (current === undefined) return textOf(runs);
  const [style, marker] = current;
  return groupBy(runs, (run) => run.styles.has(style))
    .map(({ members, from, isMatch }) => {
      const before = runs[from - 1]?.text ?? place.before;
      const after = runs[from + members.length]?.text ?? place.after;
      const text = textOf(members);
      const level = place.level + 1;
      if (!isMatch || !canMark(text, { marker, before, after })) {
        return renderLine(members, { level, before, after });
      }
      const inner = renderLine(members, { level, before: marker, after: marker });
      return markWords(inner, marker);
    })
    .join("");
}

function groupBy(
  runs: readonly Run[],
  test: (run: Run) => boolean,
): { readonly members: Run[]; readonly from: number; readonly isMatch: boolean }[] {
  const groups: { members: Run[]; from: number; isMatch: boolean }[] = [];
  for (const [index, run] of runs.entries()) {
    const isMatch = test(run);
    const last = groups.at(-1);
    if (last?.isMatch === isMatch) last.members.push(run);
    else groups.push({ members: [run], from: index, isMatch });
  }
  return groups;
}

/**
 * WhatsApp shows a marker as a plain character when a letter stands right outside it, and would end
 * the stretch at the same character inside. There the words go without their look.
 */
function canMark(
  text: string,
  around: { readonly marker: string; readonly before: string; readonly after: string },
): boolean {
  if (text.trim() === "" || text.includes(around.marker)) return false;
  const touchesBefore = /[\p{L}\p{M}\p{N}_]$/u.test(around.before) && !/^\s/.test(text);
  const touchesAfter = /^[\p{L}\p{N}_]/u.test(around.after) && !/\s$/.test(text);
  return !touchesBefore && !touchesAfter;
}

/** Markers touch the words: white space at the edges stays outside. */
function markWords(text: string, marker: string): string {
  const words = text.trim();
  const from = text.indexOf(words);
  return text.slice(0, from) + marker + words + marker + text.slice(from + words.length);
}
