import { expect, test } from "vitest";
import { customerSays } from "#agent/fakes-for-tests.ts";
import type { HistoryEntry } from "#domain/conversation.ts";
import { confirmationButtons, findConfirmation } from "./find-confirmation.ts";

const ID = "0190d5e0-0000-7000-8000-000000000001";
const question: HistoryEntry = {
  author: "bot",
  type: "interactive",
  text: "A table on Monday?",
  sentAt: "2026-01-01T00:00:00Z",
  shape: confirmationButtons(ID, "en"),
};

const tapYes: HistoryEntry = {
  ...customerSays("Yes"),
  type: "interactive",
  data: { type: "button_reply", id: `confirm:${ID}`, title: "Yes" },
};

const answerOf = (...said: readonly (string | HistoryEntry)[]) =>
  findConfirmation({
    history: [question],
    incoming: said.map((each) => (typeof each === "string" ? customerSays(each) : each)),
  })?.answer ?? null;

test("a yes that is followed by anything else is no yes: the model asks again", () => {
  expect(answerOf("Yes", "no wait, Tuesday instead!")).toBeNull();
  expect(answerOf(tapYes, "no wait, Tuesday instead!")).toBeNull();
  expect(answerOf("Yes", "no wait, Tuesday instead!", "ok")).toBeNull();
});

test("a plain yes counts, also said twice or after other words; one no is a no", () => {
  expect(answerOf("Yes")).toBe("yes");
  expect(answerOf(tapYes, "ok")).toBe("yes");
  expect(answerOf("Are you there?", "Yes")).toBe("yes");
  expect(answerOf("Yes", "No")).toBe("no");
  expect(answerOf("No", "Tuesday instead")).toBe("no");
});
