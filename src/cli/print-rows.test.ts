import { expect, test } from "vitest";
import type { Row, View } from "./commands/command.ts";
import { createJsonPrinter, createTextPrinter } from "./print-rows.ts";

function printText(view: View, rows: readonly Row[], cellsMax: number | null = null): string {
  let text = "";
  const printer = createTextPrinter(
    view,
    (part) => {
      text += part;
    },
    cellsMax,
  );
  for (const row of rows) printer.row(row);
  printer.end();
  return text;
}

const table: View = { kind: "table", columns: ["name", "isActive", "lastAt"], whenEmpty: "None." };

test("a table lines up its columns and shows times and absent values for people", () => {
  const rows = [
    { name: "A", isActive: true, lastAt: "2026-11-25T03:04:05.678+00:00", more: 1 },
    { name: "Longer", isActive: false, lastAt: null },
  ];
  expect(printText(table, rows)).toBe(
    [
      "NAME    IS ACTIVE  LAST AT",
      "A       yes        2026-11-25 03:04:05Z",
      "Longer  no         -",
      "",
    ].join("\n"),
  );
  expect(printText(table, [])).toBe("None.\n");
});

test("a record shows lists line by line", () => {
  const row = {
    id: "1",
    turns: [
      { state: "done", at: null },
      { state: "failed", at: "x" },
    ],
    none: [],
  };
  expect(printText({ kind: "record" }, [row])).toBe(
    ["id     1", "turns  state done", "       state failed, at x", "none   -", ""].join("\n"),
  );
});

test("a name cannot move the cursor of the terminal", () => {
  const evil = { name: "\u001b[2J\u009b1A\u202eABC", isActive: true, lastAt: null };
  for (const view of [table, { kind: "record" } as const])
    for (const character of ["\u001b", "\u009b", "\u202e"])
      expect(printText(view, [evil])).not.toContain(character);
});

test("JSON is one object a line", () => {
  let text = "";
  const printer = createJsonPrinter((part) => {
    text += part;
  });
  printer.row({ text: "two\nlines" });
  printer.row({ number: 1 });
  expect(text).toBe('{"text":"two\\nlines"}\n{"number":1}\n');
});

const results: View = {
  kind: "table",
  columns: ["file", "status", "reason"],
  whenEmpty: "None.",
  isLast: ({ status }) => status === "failed",
  footer: (rows) => `${rows.length} rows.`,
};

test("a table that is too wide for the terminal fits: sentences go below, names lose their middle", () => {
  const rows = [
    { file: "scan.pdf", status: "failed", reason: "No text was found, only pictures of pages." },
    { file: "folder/a document with a very long name.md", status: "synced", reason: null },
    { file: "営業時間と料金のご案内と詳しい説明.pdf", status: "synced", reason: null },
  ];
  const printed = printText(results, rows, 32);
  expect(printed).toBe(
    [
      "FILE                      STATUS",
      "folder/a do…long name.md  synced",
      "営業時間と…しい説明.pdf   synced",
      "scan.pdf                  failed",
      "    No text was found, only",
      "    pictures of pages.",
      "",
      "3 rows.",
      "",
    ].join("\n"),
  );
  expect(printText(results, rows)).toContain("folder/a document with a very long name.md  synced");
});
