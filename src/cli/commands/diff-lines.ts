/** A line that is in one of two texts only. */
export type LineChange = { readonly change: "removed" | "added"; readonly text: string };

/** More lines than this are told as a whole: the comparison takes the product of the two numbers. */
const LINES_MAX = 2_000;

/** The lines that differ between two texts, in their order; those that stayed are left out. Pure. */
export function diffLines(before: string, after: string): readonly LineChange[] {
  if (before === after) return [];
  const [first, second] = [toLines(before), toLines(after)];
  if (first.length > LINES_MAX || second.length > LINES_MAX)
    return [...first.map(removed), ...second.map(added)];
  return walk(first, second);
}

const toLines = (text: string): readonly string[] => (text === "" ? [] : text.split("\n"));
const removed = (text: string): LineChange => ({ change: "removed", text });
const added = (text: string): LineChange => ({ change: "added", text });

/** Goes along both texts and keeps as many lines as it can. */
function walk(first: readonly string[], second: readonly string[]): readonly LineChange[] {
  const kept = countKept(first, second);
  const keptFrom = (row: number, column: number): number => kept[row]?.[column] ?? 0;
  const changes: LineChange[] = [];
  let [row, column] = [0, 0];
  for (;;) {
    const [before, after] = [first[row], second[column]];
    if (before === undefined && after === undefined) return changes;
    if (before === after) {
      row += 1;
      column += 1;
    } else if (
      after === undefined ||
      (before !== undefined && keptFrom(row + 1, column) >= keptFrom(row, column + 1))
    ) {
      changes.push(removed(before ?? ""));
      row += 1;
    } else {
      changes.push(added(after));
      column += 1;
    }
  }
}

/** How many lines two texts have in common at most, from each pair of lines to their ends. */
function countKept(first: readonly string[], second: readonly string[]): readonly Uint16Array[] {
  const kept = Array.from({ length: first.length + 1 }, () => new Uint16Array(second.length + 1));
  for (let row = first.length - 1; row >= 0; row -= 1) {
    for (let column = second.length - 1; column >= 0; column -= 1) {
      const isSame = first[row] === second[column];
      const [here, below] = [kept[row], kept[row + 1]];
      if (here === undefined || below === undefined) continue;
      here[column] = isSame
        ? (below[column + 1] ?? 0) + 1
        : Math.max(below[column] ?? 0, here[column + 1] ?? 0);
    }
  }
  return kept;
}
