const GAP = "  ";
const INDENT = "    ";
/** A last column that is wider holds sentences, which read better below their row than cut. */
const SENTENCE_CELLS = 24;
const COLUMN_CELLS_MIN = 8;

/**
 * Lines up cells; the first line is the heading. Where that is too wide for the terminal, sentences of
 * the last column go below their rows, and what is still too wide is cut in its middle.
 * @param cellsMax columns of the terminal; null: it need not fit.
 */
export function formatTable(
  lines: readonly (readonly string[])[],
  cellsMax: number | null,
): readonly string[] {
  const widths = measure(lines);
  const last = widths.at(-1) ?? 0;
  if (cellsMax === null || total(widths) <= cellsMax)
    return lines.map((line) => join(line, widths));
  if (last <= SENTENCE_CELLS || widths.length < 2) {
    const fitting = shrink(widths, cellsMax);
    return lines.map((line) => join(line, fitting));
  }
  const fitting = shrink(widths.slice(0, -1), cellsMax);
  return lines.flatMap((line, index) => {
    const sentence = line.at(-1) ?? "-";
    const row = join(line.slice(0, -1), fitting);
    if (index === 0 || sentence === "-") return [row];
    return [row, ...wrap(sentence, cellsMax - INDENT.length).map((part) => INDENT + part)];
  });
}

/** The text, cut at the end where the terminal has no room for it. */
export function cutEnd(text: string, cellsMax: number): string {
  if (cellsOf(text) <= cellsMax) return text;
  return `${takeCells(Array.from(text), cellsMax - 1)}…`;
}

function measure(lines: readonly (readonly string[])[]): number[] {
  return (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => cellsOf(line[column] ?? ""))),
  );
}

const total = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));

/** Takes from the widest until they fit, or nothing more can be taken. */
function shrink(widths: readonly number[], cellsMax: number): readonly number[] {
  const fitting = [...widths];
  for (let excess = total(fitting) - cellsMax; excess > 0; excess -= 1) {
    const widest = Math.max(...fitting);
    if (widest <= COLUMN_CELLS_MIN) break;
    fitting[fitting.indexOf(widest)] = widest - 1;
  }
  return fitting;
}

function join(line: readonly string[], widths: readonly number[]): string {
  return line
    .map((cell, column) => {
      const width = widths[column] ?? 0;
      const cut = cutMiddle(cell, width);
      return cut + " ".repeat(Math.max(0, width - cellsOf(cut)));
    })
    .join(GAP)
    .trimEnd();
}

/** Beginning and end of a path tell more than its middle. */
function cutMiddle(text: string, cellsMax: number): string {
  if (cellsOf(text) <= cellsMax) return text;
  const letters = Array.from(text);
  const begin = takeCells(letters, Math.floor((cellsMax - 1) / 2));
  const end = takeCells(letters.toReversed(), cellsMax - 1 - cellsOf(begin));
  return `${begin}…${Array.from(end).toReversed().join("")}`;
}

function takeCells(letters: readonly string[], cellsMax: number): string {
  let taken = "";
  let cells = 0;
  for (const letter of letters) {
    cells += cellsOf(letter);
    if (cells > cellsMax) break;
    taken += letter;
  }
  return taken;
}

function wrap(text: string, cellsMax: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && cellsOf(line) + 1 + cellsOf(word) <= cellsMax)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff00-\uff60]/gu;
const MARKS = /\p{Mn}/gu;

/** Columns that a text takes: ideographs take two, combining marks none. */
function cellsOf(text: string): number {
  const letters = Array.from(text).length;
  return letters + (text.match(WIDE)?.length ?? 0) - (text.match(MARKS)?.length ?? 0);
}
