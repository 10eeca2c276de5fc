import { blockOffsets, joinBlocks } from "#domain/document.ts";
import type { DocumentBlock, DocumentChunk } from "#domain/document.ts";
import { BOUNDARY, findBoundaries, findWordBoundary } from "./find-boundaries.ts";

/** Sizes of passages, in UTF-16 units. */
export type SplitLimits = { readonly chunkLengthMax: number; readonly overlapMax: number };

/** As specified: 1000 characters, of which the first 200 may repeat the passage before. */
export const SPLIT_LIMITS: SplitLimits = { chunkLengthMax: 1000, overlapMax: 200 };

/**
 * Cuts a document into passages of at most `chunkLengthMax`. A passage has one path of headings,
 * ends at the best place there is (paragraph, line, sentence, word), and begins up to `overlapMax`
 * before the end of the one before, at a line, sentence or word. Never inside a character, and
 * inside a table row only when the row alone is longer than a passage. All text is in some
 * passage, except for white space around them.
 */
export function splitDocument(
  blocks: readonly DocumentBlock[],
  limits: SplitLimits = SPLIT_LIMITS,
): DocumentChunk[] {
  const text = joinBlocks(blocks);
  const offsets = blockOffsets(blocks);
  const boundaries = findBoundaries(blocks, offsets, text.length);
  const chunks: DocumentChunk[] = [];
  for (const section of findSections(blocks, offsets)) {
    for (const span of splitSection({ text, boundaries, limits }, section)) {
      chunks.push({
        position: chunks.length,
        text: text.slice(span.start, span.end),
        headings: section.headings,
        page: blocks[findBlock(offsets, span.start)]?.page ?? null,
        startOffset: span.start,
        endOffset: span.end,
      });
    }
  }
  return chunks;
}

type Span = { readonly start: number; readonly end: number };
type Section = Span & { readonly headings: readonly string[] };
type Material = {
  readonly text: string;
  /** For each offset, how good a place it is to begin a passage. */
  readonly boundaries: Uint8Array;
  readonly limits: SplitLimits;
};

/** Neighbouring blocks under the same headings. */
function findSections(blocks: readonly DocumentBlock[], offsets: readonly number[]): Section[] {
  const sections: Section[] = [];
  blocks.forEach((block, index) => {
    const start = offsets[index] ?? 0;
    const end = start + block.text.length;
    const last = sections.at(-1);
    if (last !== undefined && isSamePath(last.headings, block.headings)) {
      sections[sections.length - 1] = { ...last, end };
    } else {
      sections.push({ start, end, headings: block.headings });
    }
  });
  return sections;
}

function isSamePath(first: readonly string[], second: readonly string[]): boolean {
  return first.length === second.length && first.every((part, index) => part === second[index]);
}

function splitSection(material: Material, section: Span): Span[] {
  const spans: Span[] = [];
  let start = section.start;
  let covered = section.start;
  for (;;) {
    const from = skipSpace(material.text, covered, section.end);
    if (from >= section.end) return spans;
    const repeated = skipSpace(material.text, start, section.end);
    // What is repeated may leave too little room for the next table row: then nothing is repeated.
    const first = findCut(material, repeated, section.end) > from ? repeated : from;
    const cut = findCut(material, first, section.end);
    spans.push({ start: first, end: trimEnd(material.text, first, cut) });
    start = findOverlap(material, first, cut);
    covered = cut;
  }
}

/** The best end of a passage that begins at `start`: the latest place of the best kind. */
function findCut({ text, boundaries, limits }: Material, start: number, sectionEnd: number) {
  // White space at the end is trimmed, so it does not count.
  const latest = skipSpace(text, start + limits.chunkLengthMax, sectionEnd);
  if (latest >= sectionEnd) return sectionEnd;
  // Half-full passages are worth a natural end; emptier ones are not.
  const earliest = start + Math.ceil(limits.chunkLengthMax / 2);
  for (const kind of [BOUNDARY.block, BOUNDARY.line, BOUNDARY.sentence]) {
    const found = findLast(boundaries, { from: earliest, to: latest, kind });
    if (found !== null) return found;
  }
  const word = findWordBoundary(text, start + 1, latest);
  if (boundaries[word] !== BOUNDARY.insideRow) return word;
  return findLast(boundaries, { from: start + 1, to: word, kind: BOUNDARY.line }) ?? word;
}

/** Where the next passage begins: a little before the cut, so that what belongs together stays. */
function findOverlap({ text, boundaries, limits }: Material, start: number, cut: number) {
  const earliest = Math.max(start + 1, cut - limits.overlapMax);
  for (const kind of [BOUNDARY.line, BOUNDARY.sentence]) {
    for (let offset = earliest; offset < cut; offset += 1) {
      if ((boundaries[offset] ?? 0) >= kind) return offset;
    }
  }
  if (boundaries[earliest] === BOUNDARY.insideRow) return cut;
  const word = findWordBoundary(text, start + 1, earliest + WORD_LENGTH_MAX);
  return word >= earliest && word < cut && boundaries[word] !== BOUNDARY.insideRow ? word : cut;
}

/** How far from the wished place a word may end before the overlap is given up. */
const WORD_LENGTH_MAX = 40;

function findLast(
  boundaries: Uint8Array,
  range: { readonly from: number; readonly to: number; readonly kind: number },
): number | null {
  for (let offset = range.to; offset >= range.from; offset -= 1) {
    if ((boundaries[offset] ?? 0) >= range.kind) return offset;
  }
  return null;
}

/** The block that holds an offset: the last one that begins at or before it. */
function findBlock(offsets: readonly number[], offset: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((offsets[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

const SPACE = /\s/u;

function skipSpace(text: string, start: number, end: number): number {
  let offset = start;
  while (offset < end && SPACE.test(text.charAt(offset))) offset += 1;
  return offset;
}

function trimEnd(text: string, start: number, end: number): number {
  let offset = end;
  while (offset > start && SPACE.test(text.charAt(offset - 1))) offset -= 1;
  return offset;
}
