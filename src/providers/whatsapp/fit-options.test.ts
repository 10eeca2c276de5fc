import { expect, test } from "vitest";
import { fitOptions } from "./fit-options.ts";

const titled = (...titles: readonly string[]) => titles.map((title) => ({ title }));
const rowsOf = (...input: Parameters<typeof fitOptions>) => {
  const shape = fitOptions(...input)?.shape;
  return shape?.type === "list" ? shape.rows : [];
};

test("up to three short options are buttons", () => {
  expect(fitOptions(titled("Yes", "**No**", " Maybe "), "Choose")).toEqual({
    shape: {
      type: "buttons",
      buttons: [
        { id: "option-1", title: "Yes" },
        { id: "option-2", title: "No" },
        { id: "option-3", title: "Maybe" },
      ],
    },
    inWords: [],
  });
});

test.each([
  ["four options", titled("1", "2", "3", "4")],
  ["a title that no button holds", titled("a".repeat(21))],
  ["a description", [{ title: "Pizza", description: "with cheese" }]],
])("%s make a list", (_what, options) => {
  expect(fitOptions(options, "Choose")?.shape).toMatchObject({ type: "list", button: "Choose" });
});

test("a title that is cut stands whole in the description, before what that says", () => {
  const title = "Margherita with extra mozzarella";

  expect(rowsOf([{ title, description: "large" }, { title: "Funghi" }], "Menu")).toEqual([
    {
      id: "option-1",
      title: "Margherita with extra…",
      description: "Margherita with extra mozzarella – large",
    },
    { id: "option-2", title: "Funghi", description: null },
  ]);
});

test("of more than ten options the list holds the first ten, and all are to be said in words", () => {
  const titles = Array.from({ length: 12 }, (_, index) => `Option ${index}`);
  const fitted = fitOptions(titled(...titles), "Choose");

  expect(rowsOf(titled(...titles), "Choose").map(({ title }) => title)).toEqual(
    titles.slice(0, 10),
  );
  expect(fitted?.inWords).toEqual(titles);
});

test("the same option twice is one; different ones with one title get numbers", () => {
  const options = [
    { title: "Pizza", description: "small" },
    { title: "Pizza", description: "small" },
    { title: "pizza", description: "large" },
  ];

  expect(rowsOf(options, "Menu").map(({ title }) => title)).toEqual(["Pizza", "pizza 2"]);
});

test("a list's button without words gets a sign, and options without titles are none", () => {
  expect(fitOptions(titled("1", "2", "3", "4"), " ")?.shape).toMatchObject({ button: "☰" });
  expect(fitOptions(titled("", "**", "\u200b"), "Choose")).toBeNull();
});
