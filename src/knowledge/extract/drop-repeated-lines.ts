import { lineText, type PdfLine } from "./pdf-lines.ts";

/** So many lines at the top and at the bottom of a page may be its running head and foot. */
const EDGE_LINES = 2;
/** A line of the edge is furniture when it returns on this share of the pages, and on so many. */
const SHARE_MIN = 0.5;
const PAGES_MIN = 4;

/** Takes running heads, running feet and page numbers out, which would end up in every passage. */
export function dropRepeatedLines(pages: readonly (readonly PdfLine[])[]): PdfLine[][] {
  const counts = new Map<string, number>();
  for (const lines of pages) {
    for (const key of new Set(edgeLines(lines).map(lineKey))) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const countMin = Math.max(PAGES_MIN, pages.length * SHARE_MIN);
  return pages.map((lines) => {
    const furniture = new Set(
      edgeLines(lines).filter((line) => (counts.get(lineKey(line)) ?? 0) >= countMin),
    );
    return lines.filter((line) => !furniture.has(line));
  });
}

function edgeLines(lines: readonly PdfLine[]): PdfLine[] {
  const byHeight = lines.toSorted((a, b) => b.y - a.y);
  return [...new Set([...byHeight.slice(0, EDGE_LINES), ...byHeight.slice(-EDGE_LINES)])];
}

/** Page numbers differ, their place does not. */
function lineKey(line: PdfLine): string {
  const text = lineText(line).replaceAll(/\d+|\b[ivxlc]+\b/g, "#");
  return `${String(Math.round(line.y / 4))} ${text}`;
}
