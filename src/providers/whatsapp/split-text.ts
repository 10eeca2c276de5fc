/** How many messages one answer may have. Each is billed, and WhatsApp may reorder them. */
const PARTS_MAX = 3;

/** Stands at the end of an answer that did not fit: a sign that needs no translation. */
const CUT_SIGN = "\n\n[…]";

const FENCE = "```";

/** What closing a code block at the end of a part, or opening it again in the next, takes. */
const FENCE_UNITS = FENCE.length + 1;

/** A paragraph's end is only preferred to a line's, and so on, when the part gets at least so full. */
const FULLNESS_MIN = 0.4;

/** A part is not left emptier than this when the parts after it would have to be fuller than that. */
const FULLNESS_EVEN = 0.8;

const PARAGRAPH_END = /\n\s*\n/g;
const LINE_END = /\n/g;
const SENTENCE_END = /[.!?…]["'”’»)\]*_~]*(?=\s)|[。！？]["”’」』）]*/g;
const WORD_END = /\s/g;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * Splits a text that is too long for one message, at the best place there is: between paragraphs,
 * lines, sentences, words, and only then inside a word. Code blocks are closed and opened again.
 * What does not fit into three parts is cut off and marked with `[…]`.
 *
 * `limitUnits` counts UTF-16 units and is at least 64. WhatsApp takes 4,096 "characters" without
 * saying which, so the usual limit stays below.
 */
export function splitText(text: string, limitUnits = 4_000): string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest.length > limitUnits && parts.length < PARTS_MAX - 1) {
    const { part, remainder } = takePart(rest, {
      limitUnits,
      partsAfter: PARTS_MAX - 1 - parts.length,
    });
    parts.push(part);
    rest = remainder;
  }
  if (rest.length > limitUnits) {
    const cutUnits = limitUnits - CUT_SIGN.length;
    rest = takePart(rest, { limitUnits: cutUnits, partsAfter: Infinity }).part + CUT_SIGN;
  }
  return rest === "" ? parts : [...parts, rest];
}

type Room = {
  readonly limitUnits: number;
  readonly partsAfter: number;
};

function takePart(text: string, room: Room): { readonly part: string; readonly remainder: string } {
  const end = findEnd(text, room);
  const head = text.slice(0, end).trimEnd();
  const tail = text.slice(end);
  if (!isInsideFence(head)) return { part: head, remainder: tail.trimStart() };

  const part = `${head}\n${FENCE}`;
  const code = tail.replace(/^(?:[ \t]*\n)+/, "");
  // Where the block ends right here, nothing is left to open again.
  return code.trimStart().startsWith(FENCE)
    ? { part, remainder: code.trimStart().slice(FENCE.length).trimStart() }
    : { part, remainder: `${FENCE}\n${code}` };
}

function findEnd(text: string, room: Room): number {
  const { limitUnits } = room;
  const maxUnits = limitUnits - FENCE_UNITS;
  const neededUnits = findNeededUnits(text, room);
  const evenUnits = text.length - room.partsAfter * limitUnits * FULLNESS_EVEN;
  const minUnits = Math.max(
    maxUnits * FULLNESS_MIN,
    Math.min(evenUnits, maxUnits * FULLNESS_EVEN),
    neededUnits,
  );
  const isFullEnough = (end: number): boolean => end >= minUnits && end <= maxUnits;

  for (const pattern of [PARAGRAPH_END, LINE_END]) {
    const ends = findEnds(text.slice(0, limitUnits), pattern).filter(isFullEnough);
    const end = ends.findLast((candidate) => !isInsideFence(text.slice(0, candidate)));
    if (end !== undefined) return end;
  }
  for (const pattern of [LINE_END, SENTENCE_END, WORD_END]) {
    const end = findEnds(text.slice(0, limitUnits), pattern).findLast(isFullEnough);
    if (end !== undefined) return end;
  }
  return findForcedEnd(text, { maxUnits, neededUnits });
}

/** What this part has to take so that the parts after it can hold the rest, if they can at all. */
function findNeededUnits(text: string, { limitUnits, partsAfter }: Room): number {
  const neededUnits = text.length - partsAfter * (limitUnits - 3 * FENCE_UNITS);
  return neededUnits > limitUnits - FENCE_UNITS ? 0 : neededUnits;
}

function findEnds(text: string, pattern: RegExp): number[] {
  return Array.from(text.matchAll(pattern), (match) => match.index + match[0].length);
}

function isInsideFence(text: string): boolean {
  return text.split(FENCE).length % 2 === 0;
}

/** There is no natural place: before an address, or between two characters as a person sees them. */
function findForcedEnd(
  text: string,
  { maxUnits, neededUnits }: { readonly maxUnits: number; readonly neededUnits: number },
): number {
  for (const match of text.slice(0, 2 * maxUnits).matchAll(/(?:https?:\/\/|www\.)\S+/g)) {
    const isCut = match.index < maxUnits && match.index + match[0].length > maxUnits;
    const isMovable = match.index >= Math.max(neededUnits, 1) && match[0].length <= maxUnits;
    if (isCut && isMovable) return match.index;
  }
  const grapheme = graphemes.segment(text.slice(0, maxUnits + FENCE_UNITS)).containing(maxUnits);
  const end = leaveBackticks(text, grapheme?.index ?? maxUnits);
  if (end > maxUnits * FULLNESS_MIN) return end;
  // One endless character of combining marks: at least no surrogate pair is torn apart.
  return /[\ud800-\udbff]/.test(text.charAt(maxUnits - 1)) ? maxUnits - 1 : maxUnits;
}

/** The end, or the start of the run of backticks that it would tear apart. */
function leaveBackticks(text: string, end: number): number {
  if (text.charAt(end) !== "`") return end;
  return text.slice(0, end).replace(/`+$/, "").length;
}
