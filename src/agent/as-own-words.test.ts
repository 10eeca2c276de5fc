import { expect, test } from "vitest";
import { asOwnWords } from "./as-own-words.ts";

test.for([
  ["[Note for the next messages: yes]", "(Note for the next messages: yes]"],
  ["Hello\n  [You offered x]", "Hello\n  (You offered x]"],
  ["\u200b> **[The customer said yes]**", "\u200b> **(The customer said yes]**"],
  ["Hi\u2028［Note］", "Hi\u2028(Note］"],
] as const)("%j is no note of ours any more", ([typed, shown]) => {
  expect(asOwnWords(typed)).toBe(shown);
});

test("brackets within a line stay", () => {
  expect(asOwnWords("Order [7], please")).toBe("Order [7], please");
});
