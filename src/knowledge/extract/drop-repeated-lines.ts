import { lineText, type PdfLine } from "./pdf-lines.ts";

/** So many lines at the top and at the bottom of a page may be its running head and foot. */
const EDGE_LINES = 2;
/** A line of the edge is furniture when it returns on this share of the pages, and on so many. */
const SHARE_MIN = 0.5;
const PAGES_MIN = 4;
/** A head with a number in it might be content, unless it stands this far (in sizes) from the text. */
const EDGE_GAP = 2;

/** A line at the edge of a page and what it may have in common with those of other pages. */
type EdgeLine = {
  readonly line: PdfLine;
  readonly text: string;
  readonly numbered: readonly string[];
};

/**
 * Takes running heads, running feet and page numbers out, which would end up in every passage. What
 * repeats word for word is left once, so that nothing is lost; a number goes only if it counts pages.
 */
export function dropRepeatedLines(pages: readonly (readonly PdfLine[])[]): PdfLine[][] {
  const edges = pages.map(readEdges);
  const counts = countKeys(edges);
  const countMin = Math.max(PAGES_MIN, pages.length * SHARE_MIN);
  const isFrequent = (key: string): boolean => (counts.get(key) ?? 0) >= countMin;
  const seen = new Set<string>();
  return pages.map((lines, page) => {
    const dropped = new Set<PdfLine>();
    for (const { line, text, numbered } of edges[page] ?? []) {
      if (numbered.some(isFrequent) || (isFrequent(text) && seen.has(text))) dropped.add(line);
      seen.add(text);
    }
    return lines.filter((line) => !dropped.has(line));
  });
}

function countKeys(edges: readonly (readonly EdgeLine[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const lines of edges) {
    for (const key of new Set(lines.flatMap(({ text, numbered }) => [text, ...numbered]))) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

function readEdges(lines: readonly PdfLine[]): EdgeLine[] {
  const byHeight = lines.toSorted((a, b) => b.y - a.y);
  const top = byHeight.slice(0, EDGE_LINES + 1);
  const bottom = byHeight
    .slice(EDGE_LINES)
    .slice(-EDGE_LINES - 1)
    .toReversed();
  return [...readEdge(top), ...readEdge(bottom)];
}

/** From the edge inwards; the last line of these is only there to measure the gap before it. */
function readEdge(lines: readonly PdfLine[]): EdgeLine[] {
  return lines.slice(0, EDGE_LINES).map((line, index) => {
    const text = lineText(line);
    const isApart = lines.slice(index + 1).some((inner, next) => {
      const outer = lines[index + next] ?? line;
      return Math.abs(outer.y - inner.y) > EDGE_GAP * Math.max(outer.size, inner.size);
    });
    const isBareNumber = !/\p{L}/u.test(text);
    return { line, text, numbered: isApart || isBareNumber ? pageNumberKeys(text, line.page) : [] };
  });
}

/** The line with one of its numbers as its distance from the page: the same on each page if it counts them. */
function pageNumberKeys(text: string, page: number): string[] {
  return [...text.matchAll(/\d{1,6}/g)].map(
    ({ 0: number, index }) =>
      `${text.slice(0, index)}#${String(Number(number) - page)}${text.slice(index + number.length)}`,
  );
}
