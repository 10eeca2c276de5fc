import { expect, test } from "vitest";
import { fitLink } from "./fit-link.ts";

test("a link keeps its address and gets a label that fits", () => {
  expect(fitLink("Open the **shop** of the bakery", " https://example.com/a?b=ç ")).toEqual({
    type: "link",
    label: "Open the shop of…",
    url: "https://example.com/a?b=%C3%A7",
  });
});

test("without a label the button says where it leads", () => {
  expect(fitLink(" ", "https://example.com/a")?.label).toBe("example.com");
});

test.each([
  "example.com",
  "javascript:alert(1)",
  "ftp://example.com",
  "https://user:secret@example.com",
  `https://example.com/${"a".repeat(2_000)}`,
  "",
])("%s is no address for a button", (address) => {
  expect(fitLink("Open", address)).toBeNull();
});
