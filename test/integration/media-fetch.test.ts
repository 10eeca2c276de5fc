import { expect, test } from "vitest";
import { asTenant } from "#store/as-tenant.ts";
import type { TestChatbot } from "../support/create-test-chatbot.ts";
import { picture, rowsOf } from "../support/media-rows.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";

/** Lets a customer send a picture, and waits for what the model was told about it. */
async function sendAndHear(
  world: TestWorld,
  chatbot: TestChatbot,
  bytes = picture(),
): Promise<string> {
  world.simulator.customerSends({
    phoneNumberId: chatbot.phoneNumberId,
    customer: "ana",
    content: { type: "image", base64: bytes.toString("base64"), mimeType: "image/png" },
  });
  await world.simulator.nextReply("ana");
  return world.simulator.models.requests().at(-1)?.texts.at(-1) ?? "";
}

test("a file that is not the one that was announced is not believed", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  world.simulator.setFaults({ media: { always: "altered" } });
  expect(await sendAndHear(world, chatbot)).toContain("did not arrive whole");
  expect(await rowsOf(world, "message_media")).toMatchObject([
    { status: "failed", reason: "altered", storage_key: null },
  ]);
});

test("an address that has expired is asked for again", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  world.simulator.setFaults({ media: { next: ["expired-address"] } });
  expect(await sendAndHear(world, chatbot)).toContain("this picture");
  expect(world.simulator.faults().media.next).toEqual([]);
});

test("the access token goes to no server but Meta's", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  world.simulator.setFaults({ media: { always: "foreign-address" } });
  expect(await sendAndHear(world, chatbot)).toContain("did not arrive");
  expect(await rowsOf(world, "message_media")).toMatchObject([{ reason: "foreign-host" }]);
});

test("a server that fails for a moment is asked again", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  world.simulator.setFaults({ media: { next: ["server-error"] } });
  expect(await sendAndHear(world, chatbot)).toContain("this picture");
});

test("a file above the limit is not fetched", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  const large = Buffer.concat([picture(), Buffer.alloc(5 * 1024 * 1024)]);
  expect(await sendAndHear(world, chatbot, large)).toContain("too large");
  expect(await rowsOf(world, "message_media")).toMatchObject([{ reason: "too-large" }]);
});

test("a file whose bytes are no picture is none, whatever the webhook says", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  expect(await sendAndHear(world, chatbot, Buffer.from("<script>"))).toContain("cannot be opened");
  expect(await rowsOf(world, "message_media")).toMatchObject([{ reason: "type" }]);
});

test("a picture of a format that no model takes is said not to open, and is not kept", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  world.simulator.customerSends({
    phoneNumberId: chatbot.phoneNumberId,
    customer: "ana",
    content: {
      type: "document",
      base64: Buffer.from("\0\0\0\x18ftypheic\0\0\0\0").toString("base64"),
      filename: "IMG_0001.heic",
    },
  });
  await world.simulator.nextReply("ana");
  expect(world.simulator.models.requests().at(-1)?.texts.at(-1)).toContain(
    "[The customer sent a picture. It cannot be opened.",
  );
  expect(await rowsOf(world, "message_media")).toMatchObject([
    { kind: "image", status: "failed", reason: "type", storage_key: null },
  ]);
});

test("a file that Meta does not have gives a note, and the turn its answer", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  world.simulator.customerSends({
    phoneNumberId: chatbot.phoneNumberId,
    customer: "ana",
    content: {
      type: "meta",
      message: { type: "image", image: { id: "123456789", mime_type: "image/png", sha256: "x" } },
    },
  });
  await world.simulator.nextReply("ana");
  expect(await rowsOf(world, "message_media")).toMatchObject([{ reason: "gone" }]);
});

test("the webhook does not wait for the file", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  world.simulator.setFaults({ graph: { delayMs: 1_000, appliesTo: "everything" } });
  const startedMs = performance.now();
  const { acknowledged } = world.simulator.customerSends({
    phoneNumberId: chatbot.phoneNumberId,
    customer: "ana",
    content: { type: "image" },
  });
  await acknowledged;
  expect(performance.now() - startedMs).toBeLessThan(900);
  await world.simulator.nextReply("ana");
});

test("a tenant cannot read another's files, nor those of all that wait to be removed", async () => {
  await using world = await startWorld();
  const own = await world.createChatbot();
  const other = await world.createChatbot();
  await sendAndHear(world, own);
  const count = ({ organizationId }: TestChatbot) =>
    asTenant(world.database.db, organizationId, (tenant) =>
      tenant.selectFrom("message_media").selectAll().execute(),
    );
  expect(await count(own)).toHaveLength(1);
  expect(await count(other)).toEqual([]);
  await expect(
    asTenant(world.database.db, own.organizationId, (tenant) =>
      tenant.selectFrom("obsolete_media").selectAll().execute(),
    ),
  ).rejects.toThrow(/permission denied/);
});
