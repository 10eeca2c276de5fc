import { expect, test } from "vitest";
import type { JsonObject, MessageContent } from "#domain/webhook-event.ts";
import { parseFixtureEvents } from "./fixture-for-tests.ts";
import { parseContent } from "./parse-content.ts";

const context = {
  from: "15550009999",
  id: "wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMDAwMDAwMDAwMDAwMDA90",
};
const sha256 = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE=";

function contentOf(name: string): MessageContent | undefined {
  return parseFixtureEvents(name).find((event) => event.kind === "message")?.content;
}

test("a file keeps its id, kind, checksum and name; its caption is the text", () => {
  expect(contentOf("image")).toEqual({
    type: "image",
    text: "Is this the right part?",
    data: {
      id: "1003383421387256",
      mime_type: "image/jpeg",
      sha256,
      url: "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1003383421387256",
    },
  });
  expect(contentOf("document")).toEqual({
    type: "document",
    text: "The invoice",
    data: {
      id: "1003383421387260",
      mime_type: "application/pdf",
      sha256,
      filename: "../../invoice \u202Efdp.exe",
    },
  });
  expect(contentOf("sticker")).toMatchObject({ text: "", data: { animated: false } });
  expect(contentOf("video-forwarded")?.data).toMatchObject({
    context: { frequently_forwarded: true },
  });
});

test("a voice note is told from an audio file", () => {
  expect(contentOf("voice-note")).toMatchObject({ type: "audio", text: "", data: { voice: true } });
  expect(contentOf("audio-file")).toMatchObject({ data: { voice: false } });
});

test("a file that Meta could not hand over says why", () => {
  expect(contentOf("video-too-large")).toMatchObject({ data: { errors: [{ code: 131_052 }] } });
});

test("a location is words and coordinates", () => {
  expect(contentOf("location-of-a-place")?.text).toBe(
    "Location: Example Café, 101 Forest Ave, Palo Alto, CA 94301 (37.44211676562361, -122.16155960083124)",
  );
  expect(contentOf("location-shared")).toEqual({
    type: "location",
    text: "Location: (37.4611978, -122.2164385)",
    data: { latitude: 37.461_197_8, longitude: -122.216_438_5 },
  });
});

test("shared contacts are named, and kept whole", () => {
  expect(contentOf("contacts")).toMatchObject({
    text: "Contacts: Carla Example, Dan",
    data: { contacts: [{ org: { company: "Example Ltd" } }, { name: { first_name: "Dan" } }] },
  });
  expect(contentOf("contacts-own-number")?.data).toMatchObject({
    contacts: [{ origin: "contact_request", phones: [{ wa_id: "15550001234" }] }],
  });
});

test("an order lists what is wanted", () => {
  expect(contentOf("order")?.text).toBe(
    "Order: 2 × di9ozbzfi4 at 30 USD; 1 × nqryix03ez at 25.5 USD\nGift wrapped, please",
  );
});

test("the choice of a button or a list is its title, with its id beside it", () => {
  expect(contentOf("button-reply")).toEqual({
    type: "interactive",
    text: "Cancel the order",
    data: { type: "button_reply", id: "cancel-order", title: "Cancel the order", context },
  });
  expect(contentOf("list-reply")).toMatchObject({
    text: "Priority Mail Express",
    data: { type: "list_reply", id: "priority_express", description: "Next day to 2 days" },
  });
  expect(contentOf("template-button")).toEqual({
    type: "button",
    text: "Stop promotions",
    data: { text: "Stop promotions", payload: "stop" },
  });
});

test("the answers of a form can be read by a model and by a program", () => {
  expect(contentOf("form-reply")).toEqual({
    type: "interactive",
    text: 'Sent\nname: Ann \uFFFDExample\nguests: 4\nwishes: ["window","quiet"]',
    data: {
      type: "nfm_reply",
      name: "flow",
      body: "Sent",
      response: {
        flow_token: "AQAAAAACS5FpgQ_cAAAAAD0QI3s",
        name: "Ann \uFFFDExample",
        guests: 4,
        wishes: ["window", "quiet"],
      },
      context,
    },
  });
});

test("a form whose answers are not JSON keeps them as they are", () => {
  expect(contentOf("form-reply-not-json")).toMatchObject({
    text: "Sent",
    data: { response: "{broken" },
  });
});

test("a form with bottomless answers is cut, not fatal", () => {
  const response_json = "[".repeat(100_000) + "]".repeat(100_000);
  const interactive = { type: "nfm_reply", nfm_reply: { body: "Sent", response_json } };
  const { content } = parseContent({ type: "interactive", interactive });
  expect(JSON.stringify(content).length).toBeLessThan(1000);
});

test("a reaction keeps the message that it is about, also when it is taken back", () => {
  const message_id = context.id;
  const emoji = "👍";
  expect(contentOf("reaction")).toEqual({
    type: "reaction",
    text: emoji,
    data: { message_id, emoji },
  });
  expect(contentOf("reaction-removed")).toMatchObject({ text: "", data: { message_id } });
  expect(contentOf("reaction-removed-without-emoji")).toMatchObject({ data: { message_id } });
});

test("what Meta does not support says so, and its words count", () => {
  expect(contentOf("unsupported-poll")).toMatchObject({
    text: "",
    data: { type: "poll_creation", errors: [{ code: 131_051 }] },
  });
  const withWords = { type: "unsupported", text: { body: "Can you see this?" } };
  expect(parseContent(withWords)).toMatchObject({
    content: { text: "Can you see this?" },
    answerable: true,
  });
});

test.for([
  ["poll_creation", 131_051, true],
  ["gif", 131_051, true],
  ["edit", 131_051, false],
  ["pin", 131_051, false],
  [undefined, 131_051, false],
  [undefined, 131_060, true],
] as const)(
  "what Meta does not hand over (%s, %d) is answered only where somebody said something",
  ([kind, code, answerable]) => {
    const message = {
      type: "unsupported",
      errors: [{ code }],
      ...(kind === undefined ? {} : { unsupported: { type: kind } }),
    };
    expect(parseContent(message).answerable).toBe(answerable);
  },
);

test("a type that came later keeps its object, and its words count", () => {
  expect(contentOf("type-of-the-future")).toEqual({
    type: "hologram",
    text: "Help me, you are my only hope",
    data: { body: "Help me, you are my only hope", frames: 12 },
  });
});

test("a known type whose object has any other shape still has a content", () => {
  const types = ["text", "image", "location", "contacts", "order", "button", "interactive"];
  const shapes: readonly JsonObject[string][] = [null, 7, "x", [], [null, 7, []], {}];
  for (const type of [...types, "reaction", "sticker", "unsupported", "hologram"]) {
    for (const shape of shapes) {
      expect(parseContent({ type, [type]: shape }).content).toMatchObject({ type });
    }
  }
});
