import { expect, test } from "vitest";
import { contextOf, customerSays } from "#agent/fakes-for-tests.ts";
import type { HistoryEntry } from "#domain/conversation.ts";
import { findHandoff } from "./find-handoff.ts";

const bot = (text: string): HistoryEntry => ({ ...customerSays(text), author: "bot" });
const colleague = (text: string): HistoryEntry => ({ ...customerSays(text), author: "human" });

const WRONG = "That's not what I asked";

test("one complaint is answered, the second one is a colleague's", () => {
  const incoming = [customerSays(WRONG)];
  const once = [customerSays("When do you open?"), bot("At nine.")];
  const twice = [...once, customerSays("This doesn't help"), bot("Sorry. At nine.")];

  expect(findHandoff(contextOf({ history: once, incoming }))).toBeNull();
  expect(findHandoff(contextOf({ history: twice, incoming }))).toMatchObject({
    reason: "not helped",
    summary:
      "The customer's last messages: “When do you open?” / “This doesn't help” / “That's not what I asked”",
  });
});

test("the same question for the third time is a colleague's", () => {
  const question = customerSays("When does the shop open?");
  const again = customerSays("when does the shop OPEN");
  const history = [question, bot("At nine."), again, bot("At nine.")];

  expect(findHandoff(contextOf({ history, incoming: [question] }))?.reason).toBe("not helped");
  expect(findHandoff(contextOf({ history: history.slice(2), incoming: [question] }))).toBeNull();
  expect(findHandoff(contextOf({ history, incoming: [customerSays("Thank you!")] }))).toBeNull();
});

test("what nobody has answered belongs to the turn that answers it", () => {
  const history = [
    customerSays("That didn't help"),
    bot("Sorry."),
    customerSays("This does not help at all"),
  ];
  const incoming = [customerSays("Hello?")];

  expect(findHandoff(contextOf({ history, incoming }))?.reason).toBe("not helped");
});

test("a button that is tapped again and again is no complaint", () => {
  const tap = { ...customerSays("Show me the menu"), type: "interactive" } as const;
  const history = [tap, bot("Here."), tap, bot("Here."), tap, bot("Here.")];

  expect(findHandoff(contextOf({ history, incoming: [tap] }))).toBeNull();
});

test("complaints of an hour ago, to a colleague, or from before the bot came back count no more", () => {
  const history = [customerSays(WRONG), bot("Sorry.")];
  const incoming = [customerSays(WRONG)];
  const told = (changes: object) => findHandoff(contextOf({ history, incoming, ...changes }));

  expect(told({})?.reason).toBe("not helped");
  expect(told({ newestMessageAt: "2026-01-01T01:00:01Z" })).toBeNull();
  expect(told({ botSince: "2026-01-01T00:00:01+00:00" })).toBeNull();
  expect(told({ history: [...history, colleague("I am sorry.")] })).toBeNull();
});

test("any message of a burst may ask for a person, and a chatbot may be told not to hand over", () => {
  const incoming = [customerSays("Hello"), customerSays("human please"), customerSays("order 7")];
  const { chatbot } = contextOf();

  expect(findHandoff(contextOf({ incoming }))).toMatchObject({ reason: "asked", language: "en" });
  expect(findHandoff(contextOf({ incoming, chatbot: { ...chatbot, handoff: "off" } }))).toBeNull();
});
