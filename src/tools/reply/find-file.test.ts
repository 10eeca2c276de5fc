import { expect, test } from "vitest";
import { findFile } from "./find-file.ts";

const FILES = [{ name: "Menu 2026.pdf" }, { name: "menu 2026.PDF" }, { name: "Prices.csv" }];

test.each([
  ["Menu 2026.pdf", "Menu 2026.pdf"],
  ["menu 2026.PDF", "menu 2026.PDF"],
  ["PRICES.CSV", "Prices.csv"],
  ["prices", "Prices.csv"],
])("%s means the file %s", (asked, found) => {
  expect(findFile(asked, FILES).name).toBe(found);
});

test("a name that no file has is answered with those that there are", () => {
  expect(() => findFile("secrets.pdf", FILES)).toThrow(
    'There is no such document. There are: "Menu 2026.pdf", "menu 2026.PDF", "Prices.csv".',
  );
  expect(() => findFile("secrets.pdf", [])).toThrow("There are no documents that can be sent.");
});
