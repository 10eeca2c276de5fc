/** A piece of text as a PDF places it on a page; positions in points, from the lower left corner. */
export type PdfText = {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly size: number;
  readonly isRightToLeft: boolean;
};

/** A line of a page; a wide gap in it begins another cell. */
export type PdfLine = {
  readonly page: number;
  readonly cells: readonly { readonly text: string; readonly x: number }[];
  readonly x: number;
  readonly endX: number;
  readonly y: number;
  readonly size: number;
};

/** Gaps in units of the letters' size: above the first there is a space, above the second a cell. */
const SPACE_GAP = 0.15;
const CELL_GAP = 2;
/** So far (in sizes) a superscript may stand above its line. */
const RISE_MAX = 0.5;
/** The dots between a title and its page in a table of contents. */
const LEADERS = /(?:\s?\.){5,}/g;
const LIST_MARK = /^([•●▪◦‣·–—*o-]|\(?[\dA-Za-z]{1,3}[.)])$/u;

type OpenLine = {
  cells: { text: string; x: number }[];
  x: number;
  endX: number;
  y: number;
  /** The largest size and the number of letters that have it. */
  size: number;
};

/**
 * Joins a page's texts into lines, in the order in which the page draws them: nearly all programs
 * draw in reading order, column by column.
 */
export function readPdfLines(texts: Iterable<PdfText>, page: number): PdfLine[] {
  const lines: OpenLine[] = [];
  for (const raw of texts) {
    if (raw.text.trim() === "") continue;
    const text = { ...raw, text: readable(raw.text) };
    const line = lines.at(-1);
    if (line !== undefined && isSameLine(line, text)) append(line, text);
    else {
      lines.push({
        cells: [{ text: text.text, x: text.x }],
        x: text.x,
        endX: text.x + text.width,
        y: text.y,
        size: text.size,
      });
    }
  }
  return lines.map((line) => ({ ...line, cells: line.cells.map(tidy).filter(hasText), page }));
}

/** Symbol fonts draw bullets with signs of their own, which mean nothing anywhere else. */
function readable(text: string): string {
  return /^\s*[\uF000-\uF0FF]\s*$/.test(text) ? "•" : text;
}

/** The text of a line, cells apart by a space. */
export function lineText(line: PdfLine): string {
  return line.cells.map(({ text }) => text).join(" ");
}

function isSameLine(line: OpenLine, text: PdfText): boolean {
  const size = Math.max(line.size, text.size);
  if (Math.abs(line.y - text.y) > size * RISE_MAX) return false;
  return text.isRightToLeft || text.x >= line.endX - size;
}

function append(line: OpenLine, text: PdfText): void {
  const size = Math.max(line.size, text.size);
  const gap = text.isRightToLeft ? line.x - (text.x + text.width) : text.x - line.endX;
  const last = line.cells.at(-1);
  const isMark = line.cells.length === 1 && LIST_MARK.test(last?.text.trim() ?? "");
  if (last === undefined || (gap > size * CELL_GAP && !isMark)) {
    line.cells.push({ text: text.text, x: text.x });
  } else last.text += (gap > size * SPACE_GAP ? " " : "") + text.text;
  if (text.size > line.size) line.y = text.y; // a line begun by its superscript
  line.size = size;
  line.x = Math.min(line.x, text.x);
  line.endX = Math.max(line.endX, text.x + text.width);
}

function tidy(cell: { readonly text: string; readonly x: number }): {
  readonly text: string;
  readonly x: number;
} {
  return {
    ...cell,
    text: cell.text
      .replaceAll("\u00AD", "")
      .replaceAll(LEADERS, " … ")
      .replaceAll(/\s+/g, " ")
      .trim(),
  };
}

function hasText(cell: { readonly text: string }): boolean {
  return cell.text !== "";
}
