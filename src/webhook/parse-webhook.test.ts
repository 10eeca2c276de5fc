import { expect, test } from "vitest";
import type { WebhookEvent } from "#domain/webhook-event.ts";
import {
  listFixtures,
  parseFixture,
  parseFixtureEvents,
  PHONE_NUMBER_ID,
  RECEIVED_AT,
} from "./fixture-for-tests.ts";
import { parseWebhook } from "./parse-webhook.ts";

/** Every fixture, and what becomes of it: "answered" wants an answer, "recorded" does not. */
const MEANING: Readonly<Record<string, readonly string[]>> = {
  "account-update": [],
  "audio-file": ["audio answered"],
  "broken-neighbours": ["text answered", "status read"],
  "button-reply": ["interactive answered"],
  "call-permission-reply": ["interactive recorded"],
  calls: [],
  contacts: ["contacts answered"],
  "contacts-own-number": ["contacts answered"],
  document: ["document answered"],
  "echo-edit": [],
  "echo-revoke": [],
  "echo-text": ["echo text"],
  edit: ["edit text"],
  "edit-caption": ["edit image"],
  "field-of-the-future": [],
  "form-reply": ["interactive answered"],
  "form-reply-not-json": ["interactive answered"],
  history: [],
  "history-declined": [],
  "history-media": [],
  image: ["image answered"],
  "interactive-without-object": ["interactive recorded"],
  "list-reply": ["interactive answered"],
  "location-of-a-place": ["location answered"],
  "location-shared": ["location answered"],
  "messages-and-statuses-together": ["text answered", "status delivered"],
  order: ["order answered"],
  reaction: ["reaction recorded"],
  "reaction-removed": ["reaction recorded"],
  "reaction-removed-without-emoji": ["reaction recorded"],
  "request-welcome": ["request_welcome recorded"],
  revoke: ["revoke"],
  "several-entries-and-changes": ["text answered", "status sent", "text answered"],
  "several-people-in-one-change": ["text answered", "text answered", "text answered"],
  "specification-curl": ["text answered"],
  standby: [],
  "status-delivered-without-phone": ["status delivered"],
  "status-failed": ["status failed"],
  "status-failed-with-title-only": ["status failed"],
  "status-of-an-unknown-word": [],
  "status-played": ["status played"],
  "status-read": ["status read"],
  "status-sent": ["status sent"],
  sticker: ["sticker answered"],
  "system-changed-number": ["identity-change"],
  "system-changed-number-old-api": ["identity-change"],
  "system-changed-user-id": ["identity-change"],
  "system-changed-user-id-without-previous": [],
  "system-identity-changed": [],
  "template-button": ["button answered"],
  "template-rejected": [],
  text: ["text answered"],
  "text-about-a-product": ["text answered"],
  "text-escaped-unicode": ["text answered"],
  "text-forwarded": ["text answered"],
  "text-from-an-advertisement": ["text answered"],
  "text-in-a-group": ["text recorded"],
  "text-reply-to-our-message": ["text answered"],
  "text-with-contact-without-profile": ["text answered"],
  "text-with-empty-wa-id": ["text answered"],
  "text-with-integer-timestamp": ["text answered"],
  "text-with-user-id": ["text answered"],
  "text-without-contacts": ["text answered"],
  "text-without-phone": ["text answered"],
  "type-of-the-future": ["hologram answered"],
  "unknown-type": ["unknown recorded"],
  "unsupported-poll": ["unsupported answered"],
  "unsupported-without-object": ["unsupported answered"],
  "user-id-update": ["identity-change"],
  "user-preferences": [],
  "value-errors": [],
  "video-forwarded": ["video answered"],
  "video-too-large": ["video answered"],
  "voice-note": ["audio answered"],
};

function describeEvent(event: WebhookEvent): string {
  switch (event.kind) {
    case "message":
      return `${event.content.type} ${event.wantsAnswer ? "answered" : "recorded"}`;
    case "echo":
    case "edit":
      return `${event.kind} ${event.content.type}`;
    case "status":
      return `status ${event.status}`;
    case "identity-change":
    case "revoke":
      return event.kind;
  }
}

test("every fixture means what we say it means", () => {
  const found = listFixtures().map((name) => [name, parseFixtureEvents(name).map(describeEvent)]);
  expect(Object.fromEntries(found)).toEqual(MEANING);
});

test("every entry and change is one result, with its number and account", () => {
  const changes = parseFixture("several-entries-and-changes");
  expect(
    changes.map(({ phoneNumberId, businessAccountId }) => [phoneNumberId, businessAccountId]),
  ).toEqual([
    [PHONE_NUMBER_ID, "100200300400500"],
    [PHONE_NUMBER_ID, "100200300400500"],
    ["106540352242999", "100200300400599"],
  ]);
});

test("the webhook of the specification's curl is a message, without field, entry id and object", () => {
  const [change] = parseFixture("specification-curl");
  expect(change).toMatchObject({ phoneNumberId: "your-phone-number-id", field: "messages" });
  expect(change).not.toHaveProperty("businessAccountId");
  expect(change?.events).toEqual([
    {
      kind: "message",
      whatsappMessageId: "test123",
      sender: { phone: "1234567890" },
      sentAt: RECEIVED_AT,
      content: { type: "text", text: "Hello!", data: {} },
      wantsAnswer: true,
    },
  ]);
});

test("a field that we do not know is recorded under its name, with its payload", () => {
  expect(parseFixture("field-of-the-future")).toEqual([
    {
      field: "telepathy",
      businessAccountId: "100200300400500",
      events: [],
      payload: { value: { something: { new: true } }, field: "telepathy" },
    },
  ]);
});

test("account fields have an account and no number", () => {
  expect(parseFixture("account-update")).toMatchObject([
    { field: "account_update", businessAccountId: "100200300400500" },
  ]);
  expect(parseFixture("account-update")[0]).not.toHaveProperty("phoneNumberId");
});

test("a body of any other shape is one recorded change", () => {
  for (const body of [null, 7, "entry", [], {}, { entry: [] }, { entry: {} }, [{ entry: [] }]]) {
    expect(parseWebhook(body, RECEIVED_AT)).toEqual([
      { field: "unknown", events: [], payload: body },
    ]);
  }
  expect(parseFixture("history-declined")).toMatchObject([{ field: "unknown", events: [] }]);
});

test("an entry without changes and a change without a value are recorded as they are", () => {
  const body = { entry: [7, { id: "1", messaging: [] }, { id: "2", changes: ["odd", {}] }] };
  expect(parseWebhook(body, RECEIVED_AT)).toEqual([
    { field: "unknown", events: [], payload: 7 },
    { field: "unknown", events: [], payload: body.entry[1], businessAccountId: "1" },
    { field: "unknown", events: [], payload: "odd", businessAccountId: "2" },
    { field: "unknown", events: [], payload: {}, businessAccountId: "2" },
  ]);
});

test("a value of statuses alone needs no field either", () => {
  const statuses = [{ id: "wamid.1", status: "read", timestamp: "1790000000" }];
  const body = { entry: [{ changes: [{ value: { statuses } }] }] };
  expect(parseWebhook(body, RECEIVED_AT)).toMatchObject([
    { field: "messages", events: [{ kind: "status", status: "read" }] },
  ]);
});

test("messages hidden under prototype keys and types named like them do no harm", () => {
  const body: unknown = JSON.parse(`{"entry":[{"changes":[{"__proto__":{"field":"messages"},"value":
    {"__proto__":{"messages":[]},"messages":[
      {"from":"1555","id":"a","type":"constructor"},
      {"from":"1555","id":"b","type":"__proto__","__proto__":{"body":"x"}},
      {"from":"1555","id":"c","type":"toString"}]}}]}]}`);
  const [change] = parseWebhook(body, RECEIVED_AT);
  expect(change?.events.map(describeEvent)).toEqual([
    "constructor recorded",
    "__proto__ answered",
    "toString recorded",
  ]);
});

test("three thousand messages with as many contacts are read in one go", () => {
  const numbers = Array.from({ length: 3000 }, (_, index) => String(15_550_000_000 + index));
  const contacts = numbers.map((number) => ({ wa_id: number, profile: { name: `N${number}` } }));
  const messages = numbers
    .map((number) => ({ from: number, id: `wamid.${number}`, type: "text", text: { body: "x" } }))
    .toReversed();
  const value = { messages, contacts };
  const [change] = parseWebhook({ entry: [{ changes: [{ value }] }] }, RECEIVED_AT);
  expect(change?.events).toHaveLength(3000);
  expect(change?.events[0]).toMatchObject({
    sender: { phone: "15550002999", profileName: "N15550002999" },
  });
});
