import { sql } from "kysely";
import { expect, test } from "vitest";
import { z } from "zod";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import { createRetentionSchedule } from "#media/retention-schedule.ts";
import { silentLogger } from "#platform/logger.ts";
import type { ObjectStorage } from "#providers/object-storage/object-storage.ts";
import type { TestChatbot } from "../support/create-test-chatbot.ts";
import { rowsOf } from "../support/media-rows.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";

/** A document that a customer has sent and that was answered. @returns its key in the storage. */
async function receiveDocument(world: TestWorld, { phoneNumberId }: TestChatbot, customer = "ana") {
  world.simulator.customerSends({
    phoneNumberId,
    customer,
    content: {
      type: "document",
      base64: Buffer.from("The oven costs 900 euros.").toString("base64"),
      filename: "offer.txt",
    },
  });
  await world.simulator.nextReply(customer, { timeoutMs: 50_000 });
  const media = (await rowsOf(world, "message_media")).at(-1);
  return String(media?.["storage_key"]);
}

/** One run of the schedule. */
function sweep(world: TestWorld, storage: Pick<ObjectStorage, "remove"> = world.storage) {
  const { db } = world.database;
  const schedule = createRetentionSchedule({
    db,
    storage,
    logger: silentLogger,
    retentionDays: 30,
  });
  const session = z.custom<TurnSession>().parse({ signal: new AbortController().signal });
  return schedule.run(session);
}

const owner = (world: TestWorld, text: string) =>
  world.database.asOwner((db) => sql.raw(text).execute(db));
const isThere = (world: TestWorld, key: string) =>
  world.storage.get(key).then(
    () => true,
    () => false,
  );

test("a file goes after its days, with the text of the document, and the message stays", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  world.simulator.models.script(() => "Thank you."); // the echo would keep the text in the history
  const key = await receiveDocument(world, chatbot);

  await sweep(world);
  expect(await isThere(world, key), "not yet").toBe(true);
  await owner(world, "update message_media set created_at = now() - interval '31 days'");
  await sweep(world);

  expect(await isThere(world, key)).toBe(false);
  expect(await rowsOf(world, "message_media")).toMatchObject([
    { status: "expired", storage_key: null, text: null, kind: "document" },
  ]);
  expect(await rowsOf(world, "obsolete_media")).toEqual([]);
  world.simulator.customerSends({
    phoneNumberId: chatbot.phoneNumberId,
    customer: "ana",
    content: { type: "text", text: "What did I send?" },
  });
  await world.simulator.nextReply("ana");
  const heard = JSON.stringify(world.simulator.models.requests().at(-1)?.turns);
  expect(heard).toContain("[The customer sent a document]");
  expect(heard).not.toContain("900 euros");
});

test.for(["contacts", "conversations", "chatbots", "organizations"] as const)(
  "whoever deletes from %s deletes the files, too",
  async (table) => {
    await using world = await startWorld();
    const key = await receiveDocument(world, await world.createChatbot());
    await world.restart(); // the turn has ended
    await owner(world, `delete from ${table}`);
    expect(await rowsOf(world, "message_media")).toEqual([]);
    await sweep(world);
    expect(await isThere(world, key)).toBe(false);
    expect(await rowsOf(world, "obsolete_media")).toEqual([]);
  },
);

test("the files of others stay when one person's go", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  const anas = await receiveDocument(world, chatbot, "ana");
  const kenjis = await receiveDocument(world, chatbot, "kenji");
  await owner(world, "delete from contacts where id = (select min(id::text)::uuid from contacts)");
  await sweep(world);
  expect([await isThere(world, anas), await isThere(world, kenjis)]).toEqual([false, true]);
});

test("a message that its writer deletes takes its file and its words along", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  const key = await receiveDocument(world, chatbot);
  const [message] = await rowsOf(world, "messages");
  await world.simulator.customerSends({
    phoneNumberId: chatbot.phoneNumberId,
    customer: "ana",
    content: { type: "revoke", messageId: String(message?.["whatsapp_message_id"]) },
  }).acknowledged;
  expect(await rowsOf(world, "message_media")).toEqual([]);
  await sweep(world);
  expect(await isThere(world, key)).toBe(false);
});

test("a storage that does not answer is asked again, and nothing is forgotten", async () => {
  await using world = await startWorld();
  const key = await receiveDocument(world, await world.createChatbot());
  await owner(world, "delete from contacts");
  const down = { remove: () => Promise.reject(new Error("down")) };
  expect(await sweep(world, down)).toMatchObject({ kind: "scheduled" });
  expect(await rowsOf(world, "obsolete_media")).toMatchObject([{ storage_key: key }]);
  await sweep(world);
  expect(await isThere(world, key)).toBe(false);
});

test("the schedule runs in every program that works", async () => {
  await using world = await startWorld();
  const rows = await world.database.asOwner(async (db) => {
    const found = await sql<{ key: string }>`
      select key from mailboxes where key = 'schedule:media-retention'`.execute(db);
    return found.rows;
  });
  expect(rows).toHaveLength(1);
});
