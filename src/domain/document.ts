/**
 * A piece of a document as extraction hands it on: a paragraph, a list, a table. Its text holds no
 * heading: those above it are in `headings`. A table has one line per row, and each row begins and
 * ends with a vertical bar (`| Screws | 3.50 |`), as in Markdown.
 */
export type DocumentBlock = {
  readonly text: string;
  /** The headings above the block, outermost first. */
  readonly headings: readonly string[];
  /** Counted from 1; null where the format has no pages. */
  readonly page: number | null;
};

/** What stands between two blocks in the text of a document. */
const BLOCK_SEPARATOR = "\n\n";

/**
 * The text of a document: what a passage's offsets count in. Empty blocks are left in, so that each
 * block's place follows from the lengths of those before it.
 */
export function joinBlocks(blocks: readonly DocumentBlock[]): string {
  return blocks.map(({ text }) => text).join(BLOCK_SEPARATOR);
}

/** Where each block begins in the text of `joinBlocks`, in UTF-16 units. */
export function blockOffsets(blocks: readonly DocumentBlock[]): number[] {
  let offset = 0;
  return blocks.map(({ text }) => {
    const start = offset;
    offset += text.length + BLOCK_SEPARATOR.length;
    return start;
  });
}

/**
 * A passage cut from a document, to be embedded, found and cited. `text` is exactly what the
 * document's text (`joinBlocks`) holds from `startOffset` to `endOffset`, in UTF-16 units.
 */
export type DocumentChunk = {
  /** Counted from 0 within the document. */
  readonly position: number;
  readonly text: string;
  /** The headings above it, outermost first. */
  readonly headings: readonly string[];
  /** The page on which it begins. */
  readonly page: number | null;
  readonly startOffset: number;
  readonly endOffset: number;
};
