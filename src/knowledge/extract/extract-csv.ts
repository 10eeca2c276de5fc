import { createBlockList } from "./block-list.ts";
import { decodeText } from "./decode-text.ts";
import { documentError } from "./document-error.ts";
import type { ExtractionLimits } from "./extraction-limits.ts";
import type { ExtractedDocument, Extractor, InspectedFile } from "./extractor.ts";
import { guessHead, renderTable } from "./render-table.ts";

type Delimiter = "," | ";" | "\t";

const DELIMITERS: readonly Delimiter[] = ["\t", ";", ","];
const SAMPLE_ROWS = 20;
/** Prose has a comma in many lines, but not the same two in each of three. */
const ROWS_MIN = 3;
const COMMA_COLUMNS_MIN = 3;
const COLUMNS_MIN = 2;
/** Rows in a block, so that none gets too long to be handed on at once. */
const ROWS_PER_BLOCK = 40;

/** Tables as comma, semicolon or tab separated values; the first row names the columns. */
export const csvExtractor: Extractor = {
  type: "csv",
  sourceType: "text",
  mediaType: "text/csv",
  recognises: ({ textStart, name }) =>
    textStart !== null &&
    (/\.(csv|tsv)$/i.test(name ?? "") || (!/\.\w+$/.test(name ?? "") && looksLikeTable(textStart))),
  extract: async (file, limits) => extractCsv(file, limits),
};

function extractCsv(file: InspectedFile, limits: ExtractionLimits): ExtractedDocument {
  const decoded = decodeText(file.bytes, file.charset);
  if (decoded === null) throw documentError("DOCUMENT_CORRUPT");
  const declared = /^sep=([,;\t])\r?\n/.exec(decoded.text); // Excel's own hint
  const text = decoded.text.slice(declared?.[0].length ?? 0);
  const delimiter = DELIMITERS.find((mark) => mark === declared?.[1]) ?? chooseDelimiter(text);
  const rows = parseRows(text, delimiter);
  const list = createBlockList(limits);
  const head = guessHead(rows);
  const names = head === "named" ? rows.slice(0, 1) : [];
  for (let start = names.length; start < rows.length; start += ROWS_PER_BLOCK) {
    list.addText(renderTable([...names, ...rows.slice(start, start + ROWS_PER_BLOCK)], head));
  }
  const blocks = list.finish();
  const warnings = decoded.hasLosses ? ["Some characters could not be read."] : [];
  return { title: null, pages: null, blocks, warnings };
}

function looksLikeTable(text: string): boolean {
  return DELIMITERS.some((delimiter) => {
    const rows = parseRows(text, delimiter, SAMPLE_ROWS);
    const columns = rows[0]?.length ?? 0;
    const columnsMin = delimiter === "," ? COMMA_COLUMNS_MIN : COLUMNS_MIN;
    return (
      rows.length >= ROWS_MIN &&
      columns >= columnsMin &&
      rows.every((row) => row.length === columns && row.every((cell) => cell.length < 300))
    );
  });
}

/** The one that makes the most columns in the most rows. */
function chooseDelimiter(text: string): Delimiter {
  const score = (delimiter: Delimiter): number => {
    const widths = parseRows(text, delimiter, SAMPLE_ROWS).map((row) => row.length);
    const width = widths[0] ?? 1;
    return width === 1 ? 0 : widths.filter((other) => other === width).length * width;
  };
  return DELIMITERS.toSorted((a, b) => score(b) - score(a))[0] ?? ",";
}

/** Rows of cells; a quoted cell may hold delimiters, line ends and doubled quotes. */
function parseRows(text: string, delimiter: Delimiter, rowsMax = Infinity): string[][] {
  const cell = new RegExp(
    `(?:"((?:[^"]|"")*)"|([^${delimiter}\\r\\n]*))(${delimiter}|\\r\\n|\\n|\\r|$)`,
    "y",
  );
  const rows: string[][] = [];
  let row: string[] = [];
  while (cell.lastIndex < text.length && rows.length < rowsMax) {
    const start = cell.lastIndex;
    const [, quoted, plain = "", end = ""] = cell.exec(text) ?? skipBrokenQuote(text, start, cell);
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === delimiter) continue;
    if (row.some((value) => value.trim() !== "")) rows.push(row);
    row = [];
  }
  if (row.some((value) => value.trim() !== "")) rows.push(row);
  return rows;
}

/** A quote that never ends, or with text behind it: the rest of the line is the cell. */
function skipBrokenQuote(text: string, start: number, cell: RegExp): (string | undefined)[] {
  const lineEnd = text.indexOf("\n", start);
  const end = lineEnd === -1 ? text.length : lineEnd;
  cell.lastIndex = end + 1;
  return [undefined, undefined, text.slice(start, end), "\n"];
}
