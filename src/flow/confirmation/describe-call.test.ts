import { expect, test } from "vitest";
import { renderWhatsAppText } from "#providers/whatsapp/render-markdown.ts";
import { describeCall } from "./describe-call.ts";

const shown = (name: string, input: Parameters<typeof describeCall>[1]) =>
  renderWhatsAppText(`Is that right?\n\n${describeCall(name, input)}`).split("\n\n")[1];

test("the customer reads what is passed, letter by letter", () => {
  expect(shown("book_table", { day: "Monday", table: 4 })).toBe("book_table: day Monday, table 4");
  expect(shown("send", { to: "a_b_c@x.com", note: "[a](b) &amp; <i>" })).toBe(
    "send: to a_b_c@x.com, note [a](b) &amp; <i>",
  );
  expect(shown("list", { items: ["a", { b: 1 }], note: "two\n\nlines" })).toBe(
    'list: items ["a",{"b":1}], note two lines',
  );
  expect(shown("ping", {})).toBe("ping");
});

test("a long call is cut", () => {
  const many = Object.fromEntries(
    Array.from({ length: 50 }, (_, n) => [`key${n}`, "x".repeat(500)]),
  );
  expect(Array.from(shown("long", many) ?? "").length).toBeLessThanOrEqual(401);
});
