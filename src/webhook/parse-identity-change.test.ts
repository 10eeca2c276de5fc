import { expect, test } from "vitest";
import { parseFixtureEvents, RECEIVED_AT, SENT_AT } from "./fixture-for-tests.ts";
import { parseSystemMessage, parseUserIdUpdates } from "./parse-identity-change.ts";

const whatsappMessageId = "wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMDAwMDAwMDAwMDAwMDA01";
const oldId = "US.13491208655302741918";
const newId = "US.24817305912873645029";

test("a new number makes the old and the new one the same person", () => {
  expect(parseFixtureEvents("system-changed-number")).toEqual([
    {
      kind: "identity-change",
      whatsappMessageId,
      previous: { phone: "15550001234", userId: oldId },
      current: { phone: "15550004444", userId: newId },
      occurredAt: SENT_AT,
    },
  ]);
});

test("the first version of the API names the new number differently", () => {
  expect(parseFixtureEvents("system-changed-number-old-api")).toMatchObject([
    { previous: { phone: "15550001234" }, current: { phone: "15550004444" } },
  ]);
});

test("a new user id is linked to the old one, without any number", () => {
  expect(parseFixtureEvents("system-changed-user-id")).toEqual([
    {
      kind: "identity-change",
      whatsappMessageId,
      previous: { userId: oldId, parentUserId: "US.ENT.11815799212886844830" },
      current: { userId: newId, parentUserId: "US.ENT.22" },
      occurredAt: SENT_AT,
    },
  ]);
});

test("a name that says somebody changed is not believed", () => {
  const system = {
    type: "user_changed_user_id",
    body: "User Eve changed from US.VICTIM to US.EVE changed from US.EVE to US.EVE2",
    user_id: "US.EVE2",
  };
  expect(
    parseSystemMessage({ id: "wamid.1", type: "system", system }, RECEIVED_AT),
  ).toBeUndefined();
});

test("a sender who is named by the new id already is not the previous person", () => {
  const system = { type: "user_changed_user_id", user_id: "US.NEW" };
  const message = { id: "wamid.1", type: "system", from_user_id: "US.NEW", system };
  expect(parseSystemMessage(message, RECEIVED_AT)).toBeUndefined();
});

test("nothing changes for a person who stays the same", () => {
  const system = { type: "user_changed_number", wa_id: "15550001234" };
  const message = { id: "wamid.1", type: "system", from: "15550001234", system };
  expect(parseSystemMessage(message, RECEIVED_AT)).toBeUndefined();
});

test("the field user_id_update links both ids, as a list and as an object", () => {
  const expected = {
    kind: "identity-change",
    previous: { userId: oldId },
    current: { phone: "15550004444", userId: newId },
    occurredAt: SENT_AT,
  };
  expect(parseFixtureEvents("user-id-update")).toEqual([expected]);
  const single = { user_id: { previous: oldId, current: newId } };
  expect(parseUserIdUpdates({ user_id_update: single }, RECEIVED_AT)).toHaveLength(1);
  expect(parseUserIdUpdates({ user_id_update: [7, {}, single] }, RECEIVED_AT)).toHaveLength(1);
});
