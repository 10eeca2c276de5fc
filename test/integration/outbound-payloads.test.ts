import { expect, test } from "vitest";
import type { OutboundContent } from "#domain/outbound.ts";
import { buildPayload } from "#providers/whatsapp/build-payload.ts";
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

function toMessage(content: OutboundContent): unknown {
  return { messaging_product: "whatsapp", to: "+15551234567", ...buildPayload(content) };
}
