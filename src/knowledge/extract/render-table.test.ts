import { expect, test } from "vitest";
import { guessHead, renderTable } from "./render-table.ts";

const HEAD = ["Product", "Price"];

test("a small table keeps its head as its first row", () => {
  expect(renderTable([HEAD, ["Lamp | tall", "12\n€"]], "named")).toBe(
    "| Product | Price |\n| Lamp \\| tall | 12 € |",
  );
});

test("each row of a long table names its columns", () => {
  const rows = Array.from({ length: 100 }, (_, index) => [`Lamp ${String(index)}`, "12 €"]);
  const lines = renderTable([HEAD, ...rows], "named").split("\n");
  expect(lines).toHaveLength(100);
  expect(lines[7]).toBe("| Product: Lamp 7 | Price: 12 € |");
});

test("figures and repeated words are no names of columns", () => {
  expect(guessHead([HEAD, ["Lamp", "12"]])).toBe("named");
  expect(
    guessHead([
      ["Lamp", "12 €"],
      ["Bulb", "3 €"],
    ]),
  ).toBe("none");
  expect(
    guessHead([
      ["12", "13"],
      ["Bulb", "3"],
    ]),
  ).toBe("none");
  expect(
    guessHead([
      ["Yes", "Yes"],
      ["No", "No"],
    ]),
  ).toBe("none");
});
