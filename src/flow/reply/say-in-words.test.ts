import { expect, test } from "vitest";
import { sayInWords } from "./say-in-words.ts";

test("options become lines below the words", () => {
  const buttons = [
    { id: "1", title: "Yes" },
    { id: "2", title: "No" },
  ];
  const rows = [
    { id: "1", title: "Pizza", description: "with cheese" },
    { id: "2", title: "Salad", description: null },
  ];

  expect(sayInWords({ type: "buttons", body: "Order?", buttons })).toBe("Order?\n\n- Yes\n- No");
  expect(sayInWords({ type: "list", body: "Which?", button: "Menu", rows })).toBe(
    "Which?\n\n- Pizza: with cheese\n- Salad",
  );
});

test("a link's address is said, a file's caption stays", () => {
  const link = { type: "link", body: "See", label: "Shop", url: "https://example.com/" } as const;
  const file = { type: "document", media: { id: "1" }, filename: "a.pdf" } as const;

  expect(sayInWords(link)).toBe("See\n\nShop: https://example.com/");
  expect(sayInWords({ ...file, caption: "Our menu" })).toBe("Our menu");
  expect(sayInWords({ ...file, caption: null })).toBeNull();
});

test("lines that do not fit into one message are left out", () => {
  const rows = [{ id: "1", title: "Pizza", description: "with cheese" }];
  const body = "b".repeat(4_090);

  expect(sayInWords({ type: "list", body, button: "Menu", rows })).toBe(body);
});
