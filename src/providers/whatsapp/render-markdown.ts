import { cleanText } from "./clean-text.ts";
import { parseMarkdown } from "./parse-markdown.ts";
import { renderBlocks } from "./render-blocks.ts";

/** More than the three messages that an answer may have. */
const SOURCE_UNITS_MAX = 16_000;

/** Tables and repeated links may grow; this is far above what they need. */
const TEXT_UNITS_MAX = 32_000;

/** It begins with a letter and holds no character of Markdown and no mark of a source. */
const PLAIN_LINE = String.raw`\p{L}[^*_~\x60<[&\\|【\p{Co}\n]*`;
const PLAIN_TEXT = new RegExp(String.raw`^${PLAIN_LINE}(?:(?<!\s)\n{1,3}${PLAIN_LINE})*$`, "u");

/**
 * Turns Markdown, as models write it, into WhatsApp's markup. What WhatsApp cannot show becomes
 * words: tables turn into `header: value` lines, links into `text (address)`. Plain text keeps its
 * lines. Never throws; text far beyond what may be sent is cut.
 */
export function renderWhatsAppText(markdown: string): string {
  const source = cleanText(markdown.slice(0, SOURCE_UNITS_MAX)).trim();
  // Many answers are plain, and the parser would give them back as they are.
  const parsed = PLAIN_TEXT.test(source) ? undefined : parseMarkdown(source);
  if (parsed === undefined) return source;
  return cleanText(renderBlocks(parsed).slice(0, TEXT_UNITS_MAX)).trim();
}
