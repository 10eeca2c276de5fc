import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { cleanText } from "./clean-text.ts";
import { renderBlocks } from "./render-blocks.ts";

/** More than the three messages that an answer may have; the parser's time grows with its square. */
const SOURCE_UNITS_MAX = 16_000;

/** Tables and repeated links may grow; this is far above what they need. */
const TEXT_UNITS_MAX = 32_000;

/** Nesting and emphasis that no answer has, and that would keep the parser busy for seconds. */
const NESTING_MAX = 10;
const EMPHASIS_MARKERS_MAX = 1_500;

const MARKDOWN_OPTIONS = {
  extensions: [
    // A single tilde means "about" more often than it strikes something out.
    gfm({ singleTilde: false }),
    // Indented text is a matter of taste in a chat, and HTML blocks would hide the Markdown in them.
    { disable: { null: ["codeIndented", "htmlFlow"] } },
  ],
  mdastExtensions: [gfmFromMarkdown()],
};

/**
 * Turns Markdown, as models write it, into WhatsApp's markup. What WhatsApp cannot show becomes
 * words: tables turn into `header: value` lines, links into `text (address)`. Plain text keeps its
 * lines. Never throws; text far beyond what may be sent is cut.
 */
export function renderWhatsAppText(markdown: string): string {
  const source = cleanText(markdown.slice(0, SOURCE_UNITS_MAX)).trim();
  if (isPlainLine(source) || !isParsable(source)) return source;
  const text = renderBlocks(source, fromMarkdown(source, MARKDOWN_OPTIONS).children);
  return cleanText(text.slice(0, TEXT_UNITS_MAX)).trim();
}

/**
 * Many answers are: a line that begins with a letter and holds no character of Markdown, no address and
 * no mark of a source. The parser would give it back as it is.
 */
function isPlainLine(source: string): boolean {
  return /^\p{L}[^*_~`<>[\]&\\|/@\n\r【\p{Co}]*$/u.test(source) && !/www\./i.test(source);
}

function isParsable(source: string): boolean {
  const emphasisMarkers = source.match(/\*+|_+|~+/g) ?? [];
  const containerPrefixes =
    source.match(/^[ \t]*(?:(?:>|(?:[-+*]|\d{1,9}[.)])[ \t])[ \t]*)+/gm) ?? [];
  return (
    emphasisMarkers.length <= EMPHASIS_MARKERS_MAX &&
    containerPrefixes.every((prefix) => (prefix.match(/[->+*.)]/g) ?? []).length <= NESTING_MAX)
  );
}
