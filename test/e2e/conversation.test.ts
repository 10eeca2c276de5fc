import { sql } from "kysely";
import { expect, test } from "vitest";
import { countRows } from "../support/count-rows.ts";
import { startWorld } from "../support/start-world.ts";

const text = (body: string) => ({ type: "text", text: body }) as const;

test("a status never goes backwards, and may come before its send has returned", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  world.simulator.setFaults({
    statuses: { reordered: true, duplicate: true, beforeResponse: true },
  });

  world.simulator.customerSends({ phoneNumberId, customer: "ana", content: text("Hi") });
  await world.simulator.nextReply("ana");
  await world.simulator.waitFor(
    () =>
      world.simulator.deliveries.filter(
        ({ kind, state }) => kind === "status" && state === "acknowledged",
      ).length >= 3,
  );

  const { rows } = await world.database.asOwner((db) =>
    sql`select status from delivery_statuses`.execute(db),
  );
  expect(rows).toEqual([{ status: "read" }]);
});

test("a colleague who answers from the phone app silences the bot in that conversation", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  const { simulator } = world;
  simulator.customerSends({ phoneNumberId, customer: "ana", content: text("Hi") });
  await simulator.nextReply("ana");

  await simulator.businessPhoneSends({ phoneNumberId, customerId: "ana", text: "I take over" })
    .acknowledged;
  await simulator.customerSends({ phoneNumberId, customer: "ana", content: text("Thanks") })
    .acknowledged;
  simulator.customerSends({ phoneNumberId, customer: "kenji", content: text("Hello") });
  await simulator.nextReply("kenji");

  expect(simulator.sent.map((message) => message.customerId)).toEqual(["ana", "kenji"]);
  const { rows } = await world.database.asOwner((db) =>
    sql`select author, content from messages where author <> 'bot' order by id`.execute(db),
  );
  expect(rows).toEqual([
    { author: "customer", content: "Hi" },
    { author: "human", content: "I take over" },
    { author: "customer", content: "Thanks" },
    { author: "customer", content: "Hello" },
  ]);
});

test("a takeover while the model thinks keeps the bot's draft from being sent", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  const { simulator } = world;
  simulator.setFaults({ models: { delayMs: 400 } });

  simulator.customerSends({ phoneNumberId, customer: "ana", content: text("Hi") });
  await simulator.waitFor(() => simulator.models.requests().length === 1);
  await simulator.businessPhoneSends({ phoneNumberId, customerId: "ana", text: "I take over" })
    .acknowledged;
  simulator.customerSends({ phoneNumberId, customer: "kenji", content: text("Hello") });
  await simulator.nextReply("kenji");

  expect(simulator.sent.map((message) => message.customerId)).toEqual(["kenji"]);
});

test("reactions, edits, deletions and system messages get no reply", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  const { simulator } = world;
  const sends = async (content: Parameters<typeof simulator.customerSends>[0]["content"]) =>
    simulator.customerSends({ phoneNumberId, customer: "ana", content });
  const first = await sends(text("Hi"));
  await simulator.nextReply("ana");
  const [messageId = ""] = first.messageIds;

  await (
    await sends({ type: "reaction", messageId, emoji: "👍" })
  ).acknowledged;
  await (
    await sends({ type: "edit", messageId, text: "Hi there" })
  ).acknowledged;
  await (
    await sends({ type: "revoke", messageId })
  ).acknowledged;
  simulator.customerSends({ phoneNumberId, customer: "kenji", content: text("Hello") });
  await simulator.nextReply("kenji");

  expect(simulator.sent).toHaveLength(2);
  const { rows } = await world.database.asOwner((db) =>
    sql`select content, edited_at is not null as edited, revoked_at is not null as revoked
        from messages where whatsapp_message_id = ${messageId}`.execute(db),
  );
  expect(rows).toEqual([{ content: "", edited: true, revoked: true }]);
});

test("a person who is known by phone and user id, and then by user id only, stays one contact", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  const { simulator } = world;
  simulator.addCustomer({ id: "maria", name: "Maria", phone: "+5511999990000", userId: "BR.1" });
  simulator.customerSends({ phoneNumberId, customer: "maria", content: text("With my number") });
  await simulator.nextReply("maria");

  simulator.addCustomer({ id: "maria2", name: "Maria", userId: "BR.1", username: "maria" });
  simulator.customerSends({ phoneNumberId, customer: "maria2", content: text("Without it") });
  await simulator.waitFor(() => simulator.sent.length === 2);

  expect(await countRows(world.database, "contacts")).toBe(1);
  expect(JSON.stringify(simulator.models.requests()[1]?.body)).toMatch(
    /With my number.*Without it/s,
  );
});
