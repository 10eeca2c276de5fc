/** A text in two: what is sent before, which may be nothing, and its end. */
export type SplitEnd = { readonly before: string; readonly end: string };

const FENCE = "```";
/** What opening a code block again at the start of the end takes, and closing it before. */
const FENCE_UNITS = FENCE.length + 1;

const PARAGRAPH_END = /\n\s*\n/g;
const LINE_END = /\n/g;
const SENTENCE_END = /[.!?…]["'”’»)\]*_~]*\s+|[。！？]["”’」』）]*/g;
const WORD_END = /\s+/g;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * Takes from a text that is longer than `limitUnits` (UTF-16 units, at least 64) an end that is not:
 * its last paragraph, or else its last line or sentence, which is where a question stands that buttons
 * answer. Where the last sentence is too long it is as many words as fit. A shorter text is all end.
 */
export function splitEnd(text: string, limitUnits: number): SplitEnd {
  const whole = text.trim();
  if (whole.length <= limitUnits) return { before: "", end: whole };
  const start = findStart(whole, limitUnits - FENCE_UNITS);
  const before = whole.slice(0, start).trimEnd();
  const end = whole.slice(start).trim();
  if (!isInsideFence(before)) return { before, end };
  return { before: `${before}\n${FENCE}`, end: `${FENCE}\n${end}` };
}

function findStart(text: string, limitUnits: number): number {
  const earliest = text.length - limitUnits;
  const startsOf = (pattern: RegExp): number[] =>
    Array.from(text.matchAll(pattern), (match) => match.index + match[0].length).filter(
      (start) => start >= earliest && start < text.length,
    );
  for (const pattern of [PARAGRAPH_END, LINE_END, SENTENCE_END]) {
    const start = startsOf(pattern).findLast(
      (candidate) => !isInsideFence(text.slice(0, candidate)),
    );
    if (start !== undefined) return start;
  }
  return startsOf(LINE_END)[0] ?? startsOf(WORD_END)[0] ?? findForcedStart(text, earliest);
}

/** There is no natural place: between two characters as a person sees them. */
function findForcedStart(text: string, earliest: number): number {
  const around = graphemes.segment(text).containing(earliest);
  if (around === undefined || around.index === earliest) return earliest;
  const next = around.index + around.segment.length;
  if (next < text.length) return next;
  // One endless character of combining marks: at least no surrogate pair is torn apart.
  return /[\udc00-\udfff]/.test(text.charAt(earliest)) ? earliest + 1 : earliest;
}

function isInsideFence(text: string): boolean {
  return text.split(FENCE).length % 2 === 0;
}
