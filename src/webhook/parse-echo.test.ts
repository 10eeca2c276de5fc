import { expect, test } from "vitest";
import { parseFixtureEvents, RECEIVED_AT, SENT_AT } from "./fixture-for-tests.ts";
import { parseEcho } from "./parse-echo.ts";
import { createContactBook } from "./parse-person.ts";

const around = { contacts: createContactBook({}), receivedAt: RECEIVED_AT };
const known = { id: "wamid.1", to: "15550001234", type: "text", text: { body: "Hello" } };

test("an answer from the phone app names the person who got it", () => {
  expect(parseFixtureEvents("echo-text")).toEqual([
    {
      kind: "echo",
      whatsappMessageId: "wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMDAwMDAwMDAwMDAwMDA01",
      recipient: {
        phone: "15550001234",
        userId: "US.13491208655302741918",
        profileName: "Ann Example",
      },
      sentAt: SENT_AT,
      content: { type: "text", text: "This is Erin, I take over", data: {} },
    },
  ]);
});

test("a file or something Meta cannot show is an answer as well", () => {
  expect(parseEcho({ ...known, type: "image", image: { id: "1" } }, around)).toBeDefined();
  expect(parseEcho({ ...known, type: "unsupported" }, around)).toBeDefined();
});

test("an edit, a deletion, a reaction and a message to a group are no answer", () => {
  for (const type of ["edit", "revoke", "reaction", "system"]) {
    expect(parseEcho({ ...known, type }, around)).toBeUndefined();
  }
  expect(parseEcho({ ...known, group_id: "g" }, around)).toBeUndefined();
});

test("an echo without id or recipient is recorded only", () => {
  expect(parseEcho({ ...known, id: null }, around)).toBeUndefined();
  expect(parseEcho({ ...known, to: "" }, around)).toBeUndefined();
  expect(parseEcho({ ...known, to: "", to_user_id: "US.1" }, around)).toBeDefined();
});
