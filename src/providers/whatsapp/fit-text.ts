import { cleanText } from "./clean-text.ts";

const ELLIPSIS = "…";

/** A word's end is preferred to the limit when so much of the text is left. */
const FULLNESS_MIN = 0.5;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * A label in one line, at most `limitUnits` (UTF-16 units, at least 4) long: without the marks of
 * Markdown, which WhatsApp shows as they are in labels, and cut at a word with "…" where it is too
 * long. Empty when nothing of it can be seen.
 */
export function fitText(text: string, limitUnits: number): string {
  const line = toLine(text);
  if (line.length <= limitUnits) return line;
  const room = limitUnits - ELLIPSIS.length;
  const cut = line.slice(0, endOfCharacter(line, room));
  const lastSpace = line.charAt(cut.length) === " " ? cut.length : cut.lastIndexOf(" ");
  const words = lastSpace >= room * FULLNESS_MIN ? cut.slice(0, lastSpace) : cut;
  return `${words.replace(/[\s,;:.–—-]+$/u, "")}${ELLIPSIS}`;
}

/** The text as labels show it, whatever its length: one line, nothing invisible, no Markdown. */
export function toLine(text: string): string {
  const line = cleanText(text)
    .replaceAll(/[*`]+|__+|~~+/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(line) ? line : "";
}

/** Where the last whole character, as a person sees it, ends within the first units. */
function endOfCharacter(line: string, units: number): number {
  const around = graphemes.segment(line).containing(units);
  if (around === undefined || around.index > 0) return around?.index ?? units;
  // One endless character of combining marks: at least no surrogate pair is torn apart.
  return /[\ud800-\udbff]/.test(line.charAt(units - 1)) ? units - 1 : units;
}
