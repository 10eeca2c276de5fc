/** Whether a table's first row names its columns. */
export type TableHead = "named" | "none";

/** A table of this length still fits into one passage with its head, so it stays as it is. */
const SMALL_TABLE_LENGTH = 700;

/**
 * A table as lines `| a | b |`, one per row. A long table is cut between rows when it is split into
 * passages, so each of its rows then names its columns: `| Product: Lamp | Price: 12 € |`.
 */
export function renderTable(rows: readonly (readonly string[])[], head: TableHead): string {
  const cleaned = rows.map((row) => row.map(cleanCell)).filter((row) => row.some(Boolean));
  const plain = cleaned.map(renderRow).join("\n");
  const [names = [], ...entries] = cleaned;
  if (head === "none" || plain.length <= SMALL_TABLE_LENGTH || entries.length === 0) return plain;
  return entries.map((row) => renderRow(labelCells(row, names))).join("\n");
}

/** A first row names the columns if it is filled, differs from cell to cell, and holds no figures. */
export function guessHead(rows: readonly (readonly string[])[]): TableHead {
  const names = (rows[0] ?? []).map((cell) => cell.trim());
  const isNaming =
    rows.length > 1 &&
    names.length > 1 &&
    names.every(
      (name) => name !== "" && name.length <= 60 && !/^[\d\p{P}\p{Sc}\s]+$/u.test(name),
    ) &&
    new Set(names).size === names.length;
  return isNaming ? "named" : "none";
}

function labelCells(row: readonly string[], names: readonly string[]): string[] {
  return row.map((cell, column) => {
    const name = names[column] ?? "";
    return cell === "" || name === "" ? cell : `${name}: ${cell}`;
  });
}

function renderRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** A cell is one line, and its bars are none of ours. */
function cleanCell(cell: string): string {
  return cell.replaceAll(/\s+/g, " ").replaceAll("|", "\\|").trim();
}
