import { expect, test } from "vitest";
import type { ReplyAddition } from "#domain/reply-addition.ts";
import { addToReply } from "./add-to-reply.ts";

const LINK = { type: "link", label: "Shop", url: "https://example.com/" } as const;
const LOCATION = { type: "location-request" } as const;

function addition(changes: Partial<ReplyAddition>): ReplyAddition {
  return { note: "", shape: null, attachment: null, inWords: [], ...changes };
}

function file(id: string): ReplyAddition {
  return addition({
    attachment: { type: "document", media: { id }, filename: `${id}.pdf`, caption: null },
  });
}

test("without additions an answer is its words", () => {
  expect(addToReply("Hello", [])).toEqual({ text: "Hello", shape: null, attachments: [] });
});

test("of several shapes the last one wins, and a link that loses goes into the words", () => {
  const additions = [addition({ shape: LINK }), addition({ shape: LOCATION })];

  expect(addToReply("Where are you?", additions)).toMatchObject({
    shape: LOCATION,
    text: "Where are you?\n\nShop: https://example.com/",
  });
  expect(addToReply("See https://example.com/ or come.", additions).text).toBe(
    "See https://example.com/ or come.",
  );
});

test("a link that is replaced by itself is not said again", () => {
  expect(addToReply("Here.", [addition({ shape: LINK }), addition({ shape: LINK })])).toMatchObject(
    {
      text: "Here.",
      shape: LINK,
    },
  );
});

test("what the shape has no room for is said in words, unless the text says it", () => {
  const additions = [addition({ shape: LOCATION, inWords: ["Pizza", "Salad"] })];

  expect(addToReply("We have Pizza.", additions).text).toBe("We have Pizza.\n\n- Salad");
});

test("a file that was asked for twice comes once, and no more than three come", () => {
  const { attachments } = addToReply("Here", ["1", "1", "2", "3", "4"].map(file));

  expect(attachments).toEqual(["1", "2", "3"].map((id) => file(id).attachment));
});

test("a note of the prompt that the model repeats is not for the customer", () => {
  expect(addToReply('Which size?\n[You offered the buttons "S", "L"]', []).text).toBe(
    "Which size?",
  );
});
