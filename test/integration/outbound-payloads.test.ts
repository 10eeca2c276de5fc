import fc from "fast-check";
import { expect, test } from "vitest";
import type { OutboundContent } from "#domain/outbound.ts";
import { composeReply } from "#flow/reply/compose-reply.ts";
import { buildPayload } from "#providers/whatsapp/build-payload.ts";
import { fitLink } from "#providers/whatsapp/fit-link.ts";
import { fitOptions } from "#providers/whatsapp/fit-options.ts";
import { parseOutbound } from "../../simulator/graph/parse-outbound.ts";

const BUTTONS = ["One", "Two", "Three"].map((title, index) => ({ id: `${index}`, title }));
const ROWS = Array.from({ length: 10 }, (_, index) => ({
  id: `${index}`.padStart(200, "0"),
  title: `${index}`.padStart(24, "t"),
  description: index % 2 === 0 ? "d".repeat(72) : null,
}));

/** One of each kind, as long as WhatsApp allows. */
const LARGEST: readonly OutboundContent[] = [
  { type: "text", body: "b".repeat(4_096) },
  { type: "buttons", body: "b".repeat(1_024), buttons: BUTTONS },
  { type: "list", body: "b".repeat(4_096), button: "c".repeat(20), rows: ROWS },
  {
    type: "link",
    body: "b".repeat(1_024),
    label: "l".repeat(20),
    url: "https://example.com/a?b=c",
  },
  { type: "location-request", body: "b".repeat(1_024) },
  { type: "image", media: { id: "1" }, caption: "c".repeat(1_024) },
  { type: "image", media: { link: "https://example.com/a.png" }, caption: null },
  { type: "document", media: { id: "1" }, filename: "f".repeat(240), caption: "c".repeat(1_024) },
  { type: "document", media: { id: "1" }, filename: "menu.pdf", caption: null },
  { type: "template", name: "order_ready", language: "pt_BR", parameters: ["Ana", "12"] },
  { type: "template", name: "hello_world", language: "en_US", parameters: [] },
];

test.each(LARGEST)("WhatsApp takes the largest $type", (content) => {
  expect(parseOutbound(toMessage(content))).toHaveProperty("message");
});

const TOO_LARGE: readonly OutboundContent[] = [
  { type: "text", body: "b".repeat(4_097) },
  { type: "buttons", body: "b", buttons: [...BUTTONS, { id: "4", title: "Four" }] },
  { type: "buttons", body: "b", buttons: [{ id: "1", title: "t".repeat(21) }] },
  {
    type: "list",
    body: "b",
    button: "c",
    rows: [...ROWS, { id: "11", title: "t", description: null }],
  },
  { type: "link", body: "b", label: "l", url: "javascript:alert(1)" },
  { type: "location-request", body: "" },
];

test.each(TOO_LARGE)(
  "WhatsApp refuses a $type over the limit, so the contract can fail",
  (content) => {
    expect(parseOutbound(toMessage(content))).toHaveProperty("error");
  },
);

test("a template's parameters are those of its body, in their order", () => {
  const content: OutboundContent = {
    type: "template",
    name: "order_ready",
    language: "en",
    parameters: ["Ana", "12"],
  };

  expect(buildPayload(content)).toEqual({
    type: "template",
    template: {
      name: "order_ready",
      language: { code: "en" },
      components: [
        {
          type: "body",
          parameters: [
            { type: "text", text: "Ana" },
            { type: "text", text: "12" },
          ],
        },
      ],
    },
  });
});

const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 120 }),
  fc.string({ unit: "binary", maxLength: 120 }),
  fc.constantFrom("Pizza", "pizza", "Pizza Margherita with extra mozzarella", "👨‍👩‍👧‍👦".repeat(12), ""),
);

test("whatever options a model thinks of, WhatsApp takes what becomes of them", () => {
  const option = fc.record({ title: anyText, description: fc.option(anyText, { nil: undefined }) });
  fc.assert(
    fc.property(
      fc.array(option, { maxLength: 30 }),
      anyText,
      fc.string({ unit: "grapheme", maxLength: 3_000 }),
      (options, listButton, words) => {
        const shape = fitOptions(options, listButton)?.shape ?? null;
        const messages = composeReply({ text: `Which one? ${words}`, shape }).map(toMessage);

        expect(messages.map(parseOutbound).filter((parsed) => "error" in parsed)).toEqual([]);
        expect(JSON.stringify(messages)).not.toMatch(/\\ud[89a-f]/); // half a character
      },
    ),
    { numRuns: 300 },
  );
});

test("whatever link a model thinks of, WhatsApp takes what becomes of it", () => {
  fc.assert(
    fc.property(
      anyText,
      fc.oneof(fc.webUrl({ withQueryParameters: true }), anyText),
      (label, address) => {
        const shape = fitLink(label, address);
        const messages = composeReply({ text: "See here", shape }).map(toMessage);

        expect(messages.map(parseOutbound).filter((parsed) => "error" in parsed)).toEqual([]);
      },
    ),
  );
});

function toMessage(content: OutboundContent): unknown {
  return { messaging_product: "whatsapp", to: "+15551234567", ...buildPayload(content) };
}
