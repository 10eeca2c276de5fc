import { expect, test } from "vitest";
import { findWantedCalls } from "./find-wanted-calls.ts";

const user = (text: string) => ({ role: "user" as const, texts: [text] });
const bot = (text: string) => ({ role: "assistant" as const, texts: text === "" ? [] : [text] });

test("texts since the model's last words ask for tools that are on offer, with their arguments", () => {
  const turns = [
    user("/call old {}"),
    bot("Done"),
    user('Please /call book {"day":"Monday"}'),
    user("/call missing, and /call hours"),
  ];
  expect(findWantedCalls({ turns, tools: ["book", "hours", "old"] })).toEqual({
    texts: ['Please /call book {"day":"Monday"}', "/call missing, and /call hours"],
    calls: [
      { name: "book", input: { day: "Monday" } },
      { name: "hours", input: {} },
    ],
  });
});

test("an answer that only calls tools does not end what was asked", () => {
  const turns = [user("/call hours"), bot(""), { role: "tool" as const, texts: ["nine"] }];
  expect(findWantedCalls({ turns, tools: ["hours"] }).texts).toEqual(["/call hours"]);
});
