import type { JsonValue } from "#domain/webhook-event.ts";
import type { Row, View } from "./commands/command.ts";
import { formatTable } from "./format-table.ts";

/** Takes rows as they come and writes lines of text. */
export type RowPrinter = { readonly row: (row: Row) => void; readonly end: () => void };

/** One JSON object a line, at once. */
export function createJsonPrinter(write: (text: string) => void): RowPrinter {
  return { row: (row) => write(`${JSON.stringify(row)}\n`), end: () => {} };
}

/**
 * As a person likes to read it.
 * @param cellsMax columns of the terminal; null: there is none.
 */
export function createTextPrinter(
  view: View,
  write: (text: string) => void,
  cellsMax: number | null = null,
): RowPrinter {
  switch (view.kind) {
    case "lines":
      return { row: (row) => write(`${printable(view.line(row))}\n`), end: () => {} };
    case "record":
      return { row: (row) => write(`${formatRecord(row)}\n`), end: () => {} };
    case "table": {
      const rows: Row[] = []; // the widest cell decides the width, so all are needed
      return {
        row: (row) => void rows.push(row),
        end: () => {
          const { isLast = () => false, footer } = view;
          const [first, last] = [rows.filter((row) => !isLast(row)), rows.filter(isLast)];
          const lines = formatTable(toLines(view.columns, [...first, ...last]), cellsMax);
          write(`${rows.length === 0 ? view.whenEmpty : lines.join("\n")}\n`);
          const below = footer?.(rows) ?? null;
          if (below !== null) write(`\n${below}\n`);
        },
      };
    }
  }
}

function toLines(columns: readonly string[], rows: readonly Row[]): readonly string[][] {
  return [
    columns.map((column) => words(column).toUpperCase()),
    ...rows.map((row) => columns.map((column) => formatCell(row[column]))),
  ];
}

function formatRecord(row: Row): string {
  const width = Math.max(...Object.keys(row).map((field) => words(field).length));
  const indent = " ".repeat(width + 2);
  return Object.entries(row)
    .map(([field, value]) => {
      const lines = formatValue(value).split("\n");
      return `${words(field).padEnd(width)}  ${lines.join(`\n${indent}`)}`;
    })
    .join("\n");
}

/** A value of a record: lists take a line for each entry. */
function formatValue(value: JsonValue | undefined): string {
  if (!isList(value))
    return typeof value === "string" && value !== ""
      ? printable(formatTime(value))
      : formatCell(value);
  return value.length === 0 ? "-" : value.map((entry) => formatCell(entry)).join("\n");
}

function formatCell(value: JsonValue | undefined): string {
  if (value === null || value === undefined || value === "") return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return printable(formatTime(value)).replaceAll(/\s+/g, " ");
  if (typeof value === "number") return String(Math.round(value * 1_000) / 1_000);
  if (isList(value)) return value.map((entry) => formatCell(entry)).join(", ");
  const parts = Object.entries(value).filter(([, part]) => part !== null);
  return parts.map(([field, part]) => `${words(field)} ${formatCell(part)}`).join(", ");
}

const isList = (value: JsonValue | undefined): value is readonly JsonValue[] =>
  Array.isArray(value);

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

const formatTime = (text: string): string =>
  ISO_TIME.test(text) && !Number.isNaN(Date.parse(text))
    ? `${new Date(text).toISOString().slice(0, 19).replace("T", " ")}Z`
    : text;

/** `phoneNumberId` as `phone number id`. */
const words = (field: string): string =>
  field.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** People choose their names: none of them may move the cursor of a terminal. */
const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) => (character === "\n" ? "\n" : "\u{fffd}"));
