import type { DocumentBlock } from "#domain/document.ts";

/** How good a place is to end one passage and begin the next; more is better. */
export const BOUNDARY = {
  /** Nothing is known: a word boundary has to be looked for. */
  none: 0,
  /** In a table row, which stays whole. */
  insideRow: 1,
  sentence: 2,
  line: 3,
  block: 4,
} as const;

/** A table row, as extraction writes it (domain/document.ts). */
const TABLE_ROW = /^\s*\|.*\|\s*$/u;

const sentences = new Intl.Segmenter("und", { granularity: "sentence" });
const words = new Intl.Segmenter("und", { granularity: "word" });
const characters = new Intl.Segmenter("und", { granularity: "grapheme" });

/** For each offset of the document's text, which `BOUNDARY` is there. */
export function findBoundaries(
  blocks: readonly DocumentBlock[],
  offsets: readonly number[],
  textLength: number,
): Uint8Array {
  const boundaries = new Uint8Array(textLength + 1);
  blocks.forEach(({ text }, index) => {
    const start = offsets[index] ?? 0;
    markLines(text, start, boundaries);
    boundaries[start] = BOUNDARY.block;
  });
  return boundaries;
}

function markLines(text: string, blockStart: number, boundaries: Uint8Array): void {
  let start = 0;
  for (const line of text.split("\n")) {
    const offset = blockStart + start;
    if (TABLE_ROW.test(line)) {
      boundaries.fill(BOUNDARY.insideRow, offset, offset + line.length);
    } else {
      for (const { index } of sentences.segment(line)) {
        boundaries[offset + index] = BOUNDARY.sentence;
      }
    }
    boundaries[offset] = BOUNDARY.line;
    start += line.length + 1;
  }
}

/** How much text the look-up below reads: longer than any word and any character. */
const WINDOW = 400;

/**
 * The last beginning of a word in `from … to`; without one, the last beginning of a character, as
 * a reader sees it; without one, `to`, or one less inside of a surrogate pair.
 */
export function findWordBoundary(text: string, from: number, to: number): number {
  const start = Math.max(from - 1, to - WINDOW);
  const safeStart = isInsidePair(text, start) ? start + 1 : start;
  const window = text.slice(safeStart, to + WINDOW);
  for (const segmenter of [words, characters]) {
    let found: number | null = null;
    for (const { index, isWordLike } of segmenter.segment(window)) {
      const offset = safeStart + index;
      if (offset > to) break;
      // Not before a comma or a space. Characters have no such mark.
      if (offset >= from && index > 0 && isWordLike !== false) found = offset;
    }
    if (found !== null) return found;
  }
  return isInsidePair(text, to) && to - 1 >= from ? to - 1 : to;
}

function isInsidePair(text: string, offset: number): boolean {
  const before = text.charCodeAt(offset - 1);
  const after = text.charCodeAt(offset);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}
