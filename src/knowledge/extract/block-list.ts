import type { DocumentBlock } from "#domain/document.ts";
import { documentError } from "./document-error.ts";

/** Collects blocks in reading order under the headings that stand above them. */
export type BlockList = {
  /** `level` counts from 1; what follows is under it until a heading of its level or above. */
  readonly addHeading: (level: number, text: string) => void;
  readonly addText: (text: string) => void;
  /** From here on, blocks are on this page. */
  readonly startPage: (page: number) => void;
  /** All blocks; a heading with nothing under it becomes a block itself, so that it can be found. */
  readonly finish: () => readonly DocumentBlock[];
};

/** Longer texts are cut, so that no single block holds up whoever reads them one by one. */
const BLOCK_LENGTH_MAX = 20_000;
/** No heading is longer; a paragraph that only looks like one would go into every passage. */
const HEADING_LENGTH_MAX = 200;

type Heading = { readonly level: number; readonly text: string; hasContent: boolean };

/** A list that refuses, with DOCUMENT_TOO_LONG, more than `charactersMax` UTF-16 units. */
export function createBlockList(limits: { readonly charactersMax: number }): BlockList {
  const blocks: DocumentBlock[] = [];
  let path: Heading[] = [];
  let page: number | null = null;
  let length = 0;

  function addText(text: string): void {
    const trimmed = text.replace(/^(\s*\n)+/, "").trimEnd();
    if (trimmed.trim() === "") return;
    length += trimmed.length;
    if (length > limits.charactersMax) throw documentError("DOCUMENT_TOO_LONG");
    for (const heading of path) heading.hasContent = true;
    const headings = path.map((heading) => heading.text);
    for (const part of cutLongText(trimmed)) blocks.push({ text: part, headings, page });
  }

  /** Leaves the headings of this level and below. */
  function leave(level: number): void {
    while ((path.at(-1)?.level ?? 0) >= level) {
      const left = path.pop();
      if (left !== undefined && !left.hasContent) addText(left.text);
    }
  }

  return {
    addHeading: (level, text) => {
      const name = text.replaceAll(/\s+/g, " ").trim();
      if (name === "") return;
      if (name.length > HEADING_LENGTH_MAX) {
        addText(name);
        return;
      }
      leave(level);
      path = [...path, { level, text: name, hasContent: false }];
    },
    addText,
    startPage: (number) => {
      page = number;
    },
    finish: () => {
      leave(1);
      return blocks;
    },
  };
}

/** Cuts at the last line or word that fits; never inside a surrogate pair. */
function cutLongText(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  while (text.length - start > BLOCK_LENGTH_MAX) {
    const piece = text.slice(start, start + BLOCK_LENGTH_MAX);
    const end = cutPoint(piece);
    parts.push(piece.slice(0, end));
    start += end;
  }
  parts.push(text.slice(start));
  return parts;
}

function cutPoint(piece: string): number {
  const lineEnd = piece.lastIndexOf("\n") + 1;
  if (lineEnd > 0) return lineEnd;
  const wordEnd = piece.lastIndexOf(" ") + 1;
  if (wordEnd > 0) return wordEnd;
  const isSplitPair = /[\uD800-\uDBFF]$/.test(piece);
  return isSplitPair ? piece.length - 1 : piece.length;
}
