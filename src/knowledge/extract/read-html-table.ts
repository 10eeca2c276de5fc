import { inlineText, type LinkBase } from "./inline-text.ts";
import { isElement, type HtmlElement } from "./parse-html.ts";

/** A table's cells; one that is merged over rows is repeated in each, over columns it stands in the first. */
export type HtmlTable = {
  readonly caption: string;
  readonly rows: readonly (readonly string[])[];
  /** Whether the page marks its first row as the head. */
  readonly hasHeadCells: boolean;
};

/** More columns come from a forged `colspan`. */
const COLUMNS_MAX = 200;
/** More rows come from a forged `rowspan`. */
const ROW_SPAN_MAX = 1000;

/** Reads a table of data; null for one that only lays out a page. */
export function readHtmlTable(table: HtmlElement, links: LinkBase): HtmlTable | null {
  if (table.querySelector("table,h1,h2,h3,h4,h5,h6") !== null) return null;
  const rowElements = [...table.querySelectorAll("tr")];
  const cellsOf = rowElements.map((row) => [...row.childNodes].filter(isElement).filter(isCell));
  if (Math.max(0, ...cellsOf.map((cells) => cells.length)) < 2) return null;
  const caption = table.querySelector("caption");
  return {
    caption: caption === null ? "" : inlineText([caption], links),
    rows: layOut(cellsOf, links),
    hasHeadCells:
      table.querySelector("thead") !== null ||
      (cellsOf[0]?.every((cell) => cell.localName === "th" || isBold(cell)) ?? false),
  };
}

function layOut(cellsOf: readonly (readonly HtmlElement[])[], links: LinkBase): string[][] {
  const carried = new Map<number, { readonly text: string; rows: number }>(); // by column
  return cellsOf.map((cells) => {
    const row: string[] = [];
    const takeCarried = (): void => {
      for (let from = carried.get(row.length); from !== undefined; from = carried.get(row.length)) {
        from.rows -= 1;
        if (from.rows === 0) carried.delete(row.length);
        row.push(from.text);
      }
    };
    for (const cell of cells) {
      takeCarried();
      const text = inlineText([cell], links).replaceAll("\n", " ");
      const span = readSpan(cell, "colspan", COLUMNS_MAX - row.length);
      const rows = readSpan(cell, "rowspan", ROW_SPAN_MAX) - 1;
      for (let column = 0; column < span; column += 1) {
        if (rows > 0) carried.set(row.length, { text, rows });
        row.push(column === 0 ? text : "");
      }
    }
    takeCarried();
    return row;
  });
}

function readSpan(cell: HtmlElement, name: string, max: number): number {
  const value = Number.parseInt(cell.getAttribute(name) ?? "1", 10);
  return Math.min(Math.max(Number.isNaN(value) ? 1 : value, 1), Math.max(max, 0));
}

function isCell(element: HtmlElement): boolean {
  return element.localName === "td" || element.localName === "th";
}

/** Word's tables mark their head by nothing else. */
function isBold(cell: HtmlElement): boolean {
  const bold = [...cell.querySelectorAll("strong,b")]
    .map((part) => part.textContent ?? "")
    .join("");
  const text = cell.textContent ?? "";
  return text.trim() !== "" && bold.replaceAll(/\s/g, "") === text.replaceAll(/\s/g, "");
}
