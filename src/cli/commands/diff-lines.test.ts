import fc from "fast-check";
import { expect, test } from "vitest";
import { diffLines } from "./diff-lines.ts";

test("lines that stayed are left out, the others come in their order", () => {
  expect(diffLines("one\ntwo\nthree", "one\n2\nthree\nfour")).toEqual([
    { change: "removed", text: "two" },
    { change: "added", text: "2" },
    { change: "added", text: "four" },
  ]);
  expect(diffLines("same\ntext", "same\ntext")).toEqual([]);
  expect(diffLines("", "new")).toEqual([{ change: "added", text: "new" }]);
});

test("what was removed and added makes one text of the other, line for line", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 })
    .map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const changes = diffLines(before, after);
      const count = (lines: readonly string[]) => lines.toSorted().join("|");
      const lines = (whole: string) => (whole === "" ? [] : whole.split("\n"));
      const of = (change: string) =>
        changes.filter((entry) => entry.change === change).map((entry) => entry.text);
      expect(count([...lines(before), ...of("added")])).toBe(
        count([...lines(after), ...of("removed")]),
      );
      expect(changes.length).toBeLessThanOrEqual(lines(before).length + lines(after).length);
    }),
  );
});

test("texts of very many lines are compared at once", () => {
  const long = Array.from({ length: 5_000 }, (_, index) => String(index)).join("\n");
  expect(diffLines(long, "short")).toHaveLength(5_001);
});
