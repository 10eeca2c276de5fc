import { expect, test } from "vitest";
import { describeAnswered, describeOffer } from "./describe-offer.ts";

test("the model is told by their titles which buttons or rows it offered", () => {
  const buttons = [
    { id: "1", title: "Yes" },
    { id: "2", title: 'The "big" one' },
  ];
  const rows = [{ id: "1", title: "Pizza", description: "with cheese" }];

  expect(describeOffer({ shape: { type: "buttons", buttons } })).toBe(
    String.raw`[You offered the buttons "Yes", "The \"big\" one"]`,
  );
  expect(describeOffer({ shape: { type: "list", button: "Menu", rows } })).toBe(
    '[You offered a list to choose from: "Pizza"]',
  );
  expect(describeOffer({})).toBeNull();
});

test("the model is told which of its questions a tap answers", () => {
  const repliesTo = { author: "bot", text: "Which size\nwould you like?" } as const;

  expect(describeAnswered({ type: "interactive", repliesTo })).toBe(
    '[Answering your message: "Which size would you like?"]',
  );
  expect(describeAnswered({ type: "text", repliesTo })).toBe(
    '[Quoting your message: "Which size would you like?"]',
  );
  expect(describeAnswered({ type: "text" })).toBeNull();
});

test("a long quoted message is cut between characters", () => {
  const repliesTo = { author: "customer", text: "😀".repeat(300) } as const;

  expect(describeAnswered({ type: "text", repliesTo })).toBe(
    `[Quoting their own message: "${"😀".repeat(200)}…"]`,
  );
});
