import type { BlockList } from "./block-list.ts";
import { lineText, type PdfLine } from "./pdf-lines.ts";
import { guessHead, renderTable } from "./render-table.ts";

/** Letters this much larger than those of most of the text are headings. */
const HEADING_SIZE_MIN = 1.15;
const HEADING_LENGTH_MAX = 150;
const HEADING_LEVELS_MAX = 6;
/** A gap between lines this much wider than usual parts paragraphs. */
const PARAGRAPH_GAP = 1.35;
const USUAL_LEADING = 1.2; // in sizes, where there are too few lines to tell
/** Lines shorter than this share of the paragraph's width end there on purpose, as in an address. */
const FULL_LINE_SHARE = 0.75;
const BULLET = /^([•●▪◦‣·–—]|[-*](?=\s)|\(?(\d{1,3}|[a-z])[.)]\s)/u;
/** Two columns of prose and not of a table: so many lines with so many letters in each cell. */
const COLUMN_LINES_MIN = 6;
const COLUMN_CELL_LENGTH = 25;
const COLUMN_SHIFT_MAX = 3; // points

type Style = {
  readonly bodySize: number;
  readonly leading: number;
  /** Sizes of headings, largest first. */
  readonly headingSizes: readonly number[];
};

/** Writes a document's lines as headings, paragraphs and tables to the list, page by page. */
export function pdfToBlocks(pages: readonly (readonly PdfLine[])[], list: BlockList): void {
  const style = readStyle(pages.flat());
  for (const lines of pages) {
    const [first] = lines;
    if (first !== undefined) list.startPage(first.page);
    for (const group of groupLines(lines, style)) writeGroup(group, style, list);
  }
}

function writeGroup(lines: readonly PdfLine[], style: Style, list: BlockList): void {
  const [first] = lines;
  if (first === undefined) return;
  const level = headingLevel(lines, style);
  if (level !== null) list.addHeading(level, lines.map(lineText).join(" "));
  else if (first.cells.length < 2 || lines.length < 2) list.addText(joinLines(lines));
  else if (areColumns(lines)) {
    for (const column of [0, 1])
      list.addText(joinLines(lines.flatMap((line) => pick(line, column))));
  } else {
    const rows = alignCells(lines);
    list.addText(renderTable(rows, guessHead(rows)));
  }
}

/** Lines that belong together: a heading, a paragraph, a table. */
function groupLines(lines: readonly PdfLine[], style: Style): PdfLine[][] {
  const groups: PdfLine[][] = [];
  for (const line of lines) {
    const group = groups.at(-1);
    const previous = group?.at(-1);
    const belongs = previous !== undefined && continues(previous, line, style);
    if (belongs) group?.push(line);
    else groups.push([line]);
  }
  return groups;
}

function continues(previous: PdfLine, line: PdfLine, style: Style): boolean {
  const drop = previous.y - line.y;
  const isTable = previous.cells.length > 1 && line.cells.length > 1;
  if (previous.cells.length > 1 !== line.cells.length > 1) return false;
  if (isTable) return drop > 0 && drop < line.size * 4; // rows may be high
  const isSameSize = Math.abs(previous.size - line.size) < 0.6;
  if (!isSameSize) return false;
  if (drop < 0) return flowsOn(previous, line);
  return drop <= line.size * style.leading * PARAGRAPH_GAP;
}

/** Whether a sentence goes on at the top of the next column. */
function flowsOn(previous: PdfLine, line: PdfLine): boolean {
  return /[\p{Ll},;-]$/u.test(lineText(previous)) && /^\p{Ll}/u.test(lineText(line));
}

function headingLevel(lines: readonly PdfLine[], style: Style): number | null {
  const [first] = lines;
  const text = lines.map(lineText).join(" ");
  if (first === undefined || text.length > HEADING_LENGTH_MAX || !/\p{L}/u.test(text)) return null;
  const index = style.headingSizes.indexOf(roundSize(first.size));
  return index === -1 ? null : Math.min(index + 1, HEADING_LEVELS_MAX);
}

/** Runs the lines of a paragraph together; list items and lines that end early stay lines. */
function joinLines(lines: readonly PdfLine[]): string {
  const width = Math.max(...lines.map(({ x, endX }) => endX - x));
  let text = "";
  let previous: PdfLine | null = null;
  for (const line of lines) {
    const next = lineText(line);
    const isFull = previous === null || previous.endX - previous.x >= width * FULL_LINE_SHARE;
    if (previous === null) text = next;
    else if (BULLET.test(next) || !isFull) text += `\n${next}`;
    else if (/\p{L}[-‐]$/u.test(text) && /^\p{Ll}/u.test(next)) text = text.slice(0, -1) + next;
    else text += isUnspaced(text, next) ? next : ` ${next}`;
    previous = line;
  }
  return text;
}

/** Chinese and Japanese break lines anywhere. */
function isUnspaced(before: string, after: string): boolean {
  const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}、。「」（）]/u;
  return unspaced.test(before.slice(-1)) && unspaced.test(after.slice(0, 1));
}

function areColumns(lines: readonly PdfLine[]): boolean {
  const seconds = lines.map(({ cells }) => cells[1]?.x ?? 0);
  const length = lines.reduce((sum, line) => sum + lineText(line).length, 0);
  return (
    lines.length >= COLUMN_LINES_MIN &&
    lines.every(({ cells }) => cells.length === 2) &&
    Math.max(...seconds) - Math.min(...seconds) <= COLUMN_SHIFT_MAX &&
    length / lines.length >= COLUMN_CELL_LENGTH * 2
  );
}

function pick(line: PdfLine, column: number): PdfLine[] {
  const cell = line.cells[column];
  if (cell === undefined) return [];
  const nextX = line.cells[column + 1]?.x ?? line.endX;
  return [{ ...line, cells: [cell], x: cell.x, endX: nextX }];
}

/** Cells under the column that begins nearest to them, so that an empty cell shifts none. */
function alignCells(lines: readonly PdfLine[]): string[][] {
  const widest = lines.reduce((a, b) => (b.cells.length > a.cells.length ? b : a));
  return lines.map((line) => {
    if (line.cells.length === widest.cells.length) return line.cells.map(({ text }) => text);
    const row = widest.cells.map(() => "");
    for (const { text, x } of line.cells) {
      const distances = widest.cells.map((column) => Math.abs(column.x - x));
      const column = distances.indexOf(Math.min(...distances));
      row[column] = row[column] === "" ? text : `${row[column] ?? ""} ${text}`;
    }
    return row;
  });
}

function readStyle(lines: readonly PdfLine[]): Style {
  const letters = new Map<number, number>();
  const leadings: number[] = [];
  for (const [index, line] of lines.entries()) {
    const size = roundSize(line.size);
    letters.set(size, (letters.get(size) ?? 0) + lineText(line).length);
    const next = lines[index + 1];
    const drop = next === undefined ? 0 : (line.y - next.y) / line.size;
    if (drop > 0.8 && drop < 2.5 && next?.page === line.page) leadings.push(drop);
  }
  const [commonest] = [...letters].toSorted(([, a], [, b]) => b - a);
  const bodySize = commonest?.[0] ?? 0;
  leadings.sort((a, b) => a - b);
  return {
    bodySize,
    leading: leadings[Math.floor(leadings.length / 2)] ?? USUAL_LEADING,
    headingSizes: [...letters.keys()]
      .filter((size) => size >= bodySize * HEADING_SIZE_MIN)
      .toSorted((a, b) => b - a),
  };
}

function roundSize(size: number): number {
  return Math.round(size * 2) / 2;
}
