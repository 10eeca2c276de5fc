import { expect, test } from "vitest";
import type { InboundMessage, JsonObject } from "#domain/webhook-event.ts";
import { parseFixtureEvents, RECEIVED_AT, SENT_AT } from "./fixture-for-tests.ts";
import { parseMessage } from "./parse-message.ts";
import { createContactBook } from "./parse-person.ts";

const whatsappMessageId = "wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMDAwMDAwMDAwMDAwMDA01";
const ourMessageId = "wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMDAwMDAwMDAwMDAwMDA90";
const around = { contacts: createContactBook({}), receivedAt: RECEIVED_AT };
const ann = { phone: "15550001234", profileName: "Ann Example" };

/** The one message of a fixture. */
function messageOf(name: string): InboundMessage | undefined {
  return parseFixtureEvents(name).find((event) => event.kind === "message");
}

test("a text comes with its sender, time and words", () => {
  expect(parseFixtureEvents("text")).toEqual([
    {
      kind: "message",
      whatsappMessageId,
      sender: ann,
      sentAt: SENT_AT,
      content: { type: "text", text: "Hello, do you have it in blue?", data: {} },
      wantsAnswer: true,
    },
  ]);
});

test("escaped Unicode is the text that was meant", () => {
  expect(messageOf("text-escaped-unicode")?.content.text).toBe("Füße, ¿qué tal? 👍🏽 שלום");
});

test("a text of sixty thousand characters is kept whole", () => {
  const body = "All work and no play. 🙂".repeat(2500);
  const message = { from: "1555", id: "wamid.1", type: "text", text: { body } };
  expect(parseMessage(message, around)).toMatchObject({ content: { text: body } });
});

test("an answer to one of our messages names that message", () => {
  expect(messageOf("text-reply-to-our-message")?.repliesTo).toBe(ourMessageId);
  expect(messageOf("text-forwarded")).not.toHaveProperty("repliesTo");
});

test("what surrounds a text is kept beside it", () => {
  expect(messageOf("text-forwarded")?.content.data).toEqual({ context: { forwarded: true } });
  expect(messageOf("text-from-an-advertisement")?.content.data).toMatchObject({
    referral: { headline: "Chat with us", source_type: "ad" },
  });
  expect(messageOf("text-about-a-product")?.content.data).toMatchObject({
    context: { referred_product: { product_retailer_id: "di9ozbzfi4" } },
  });
});

test("people are known by number, user id or both", () => {
  const userId = "US.13491208655302741918";
  const username = "ann.example";
  expect(messageOf("text-with-user-id")?.sender).toEqual({
    ...ann,
    userId,
    parentUserId: "US.ENT.11815799212886844830",
    username,
  });
  const { profileName } = ann;
  expect(messageOf("text-without-phone")?.sender).toEqual({ userId, profileName, username });
  expect(messageOf("text-with-empty-wa-id")?.sender).toEqual({ userId, profileName });
});

test("contacts are matched by identity, whatever their order, and may be missing", () => {
  const messages = parseFixtureEvents("several-people-in-one-change");
  const bob = { phone: "15550005678", profileName: "Bob Example" };
  expect(messages).toMatchObject([{ sender: ann }, { sender: bob }, { sender: ann }]);
  expect(messageOf("text-without-contacts")?.sender).toEqual({ phone: ann.phone });
  expect(messageOf("text-with-contact-without-profile")?.sender).toEqual({ phone: ann.phone });
});

test("a number that went to another person brings no name and no id of theirs", () => {
  const contacts = createContactBook({
    contacts: [{ wa_id: "1555", user_id: "US.OTHER", profile: { name: "Other" } }],
  });
  const message = { from: "1555", from_user_id: "US.ANN", id: "wamid.1", type: "text" };
  expect(parseMessage(message, { contacts, receivedAt: RECEIVED_AT })).toMatchObject({
    sender: { phone: "1555", userId: "US.ANN" },
  });
  expect(
    JSON.stringify(parseMessage(message, { contacts, receivedAt: RECEIVED_AT })),
  ).not.toContain("Other");
});

test("a message of a group is told from one to us alone", () => {
  expect(messageOf("text-in-a-group")).toMatchObject({
    groupId: "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAz",
    wantsAnswer: false,
  });
});

test("a timestamp may be a number, and garbage is the time of receipt", () => {
  expect(messageOf("text-with-integer-timestamp")?.sentAt).toEqual(SENT_AT);
  const message = { from: "1555", id: "wamid.1", type: "text", timestamp: "soon" };
  expect(parseMessage(message, around)).toMatchObject({ sentAt: RECEIVED_AT });
});

test("a message without an id or a sender is recorded only", () => {
  const whole = { from: "1555", id: "wamid.1", type: "text", text: { body: "x" } };
  expect(parseMessage(whole, around)).toBeDefined();
  for (const broken of [{ id: "" }, { id: null }, { id: "x".repeat(513) }, { from: "" }]) {
    expect(parseMessage({ ...whole, ...broken }, around)).toBeUndefined();
  }
});

test("a text without words wants no answer", () => {
  for (const text of [{ body: "" }, { body: " \n" }, { body: 7 }, {}, "text", null]) {
    const message = { from: "1555", id: "wamid.1", type: "text", text };
    expect(parseMessage(message, around)).toMatchObject({
      content: { text: "" },
      wantsAnswer: false,
    });
  }
});

test("a message without a type is what it carries", () => {
  const message = { from: "1555", id: "wamid.1", text: { body: "Hello" } };
  expect(parseMessage(message, around)).toMatchObject({
    content: { type: "text", text: "Hello" },
    wantsAnswer: true,
  });
});

test("an edit names the message it changes and carries what it says now", () => {
  const common = {
    kind: "edit",
    whatsappMessageId,
    originalMessageId: "wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMDAwMDAwMDAwMDAwMDA80",
    sender: ann,
    occurredAt: SENT_AT,
  };
  expect(parseFixtureEvents("edit")).toEqual([
    { ...common, content: { type: "text", text: "I meant Tuesday", data: {} } },
  ]);
  expect(parseFixtureEvents("edit-caption")).toMatchObject([
    { ...common, content: { type: "image", text: "The other part" } },
  ]);
});

test("a deletion names the message that is gone", () => {
  expect(parseFixtureEvents("revoke")).toEqual([
    {
      kind: "revoke",
      whatsappMessageId,
      originalMessageId: "wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMDAwMDAwMDAwMDAwMDA80",
      sender: ann,
      occurredAt: SENT_AT,
    },
  ]);
});

test("an edit or deletion of nothing is recorded only", () => {
  const changes: readonly JsonObject[] = [{ type: "edit", edit: {} }, { type: "revoke" }];
  for (const change of changes) {
    expect(parseMessage({ from: "1555", id: "wamid.1", ...change }, around)).toBeUndefined();
  }
});
