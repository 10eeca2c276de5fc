import fc from "fast-check";
import { expect, test } from "vitest";
import type { OutboundAttachment, OutboundContent, OutboundShape } from "#domain/outbound.ts";
import { composeReply } from "./compose-reply.ts";
import { describeSent } from "./describe-sent.ts";

const BUTTONS: OutboundShape = {
  type: "buttons",
  buttons: [
    { id: "1", title: "Yes" },
    { id: "2", title: "No" },
  ],
};
const MENU: OutboundAttachment = {
  type: "document",
  media: { id: "1" },
  filename: "menu.pdf",
  caption: null,
};
const LONG = Array(300).fill("A sentence.").join(" ");

test("words alone are a text in WhatsApp's markup", () => {
  expect(composeReply({ text: "**Hello** Ana" })).toEqual([{ type: "text", body: "*Hello* Ana" }]);
  expect(composeReply({ text: " " })).toEqual([]);
});

test("the answer's text is the body of the buttons, so that one message is enough", () => {
  expect(composeReply({ text: "Shall I order?", shape: BUTTONS })).toEqual([
    { ...BUTTONS, body: "Shall I order?" },
  ]);
});

test("of a long text the closing question becomes the body of the buttons", () => {
  expect(composeReply({ text: `${LONG}\n\nShall I order?`, shape: BUTTONS })).toEqual([
    { type: "text", body: LONG },
    { ...BUTTONS, body: "Shall I order?" },
  ]);
});

test("a list takes four times the words of buttons", () => {
  const list: OutboundShape = { type: "list", button: "Choose", rows: [] };

  expect(composeReply({ text: LONG, shape: list })).toEqual([{ ...list, body: LONG }]);
});

test("a single attachment takes a short text as its caption", () => {
  expect(composeReply({ text: "Our menu", attachments: [MENU] })).toEqual([
    { ...MENU, caption: "Our menu" },
  ]);
});

test("the first of several attachments takes the text, a long text goes before them", () => {
  expect(composeReply({ text: "Two files", attachments: [MENU, MENU] })).toEqual([
    { ...MENU, caption: "Two files" },
    MENU,
  ]);
  expect(composeReply({ text: LONG, attachments: [MENU] })).toEqual([
    { type: "text", body: LONG },
    MENU,
  ]);
});

test("what can be tapped comes last", () => {
  expect(composeReply({ text: "Our menu. Order?", shape: BUTTONS, attachments: [MENU] })).toEqual([
    MENU,
    { ...BUTTONS, body: "Our menu. Order?" },
  ]);
});

test("no body and no caption is ever over its limit", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string({ unit: "grapheme", maxLength: 200 }), fc.constant(LONG)), {
        maxLength: 8,
      }),
      fc.boolean(),
      (pieces, hasShape) => {
        const contents = composeReply({
          text: pieces.join("\n\n"),
          shape: hasShape ? BUTTONS : null,
          attachments: [MENU],
        });

        expect(contents.flatMap((content) => tooLong(content) ?? [])).toEqual([]);
      },
    ),
    { numRuns: 50 },
  );
});

function tooLong(content: OutboundContent): string | undefined {
  const words = describeSent(content).content;
  return words.length > (content.type === "text" ? 4_096 : 1_024) ? words : undefined;
}
