import { sql } from "kysely";
import { expect, test } from "vitest";
import type { TestChatbot } from "../support/create-test-chatbot.ts";
import { picture, rowsOf } from "../support/media-rows.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";

type Picture = { readonly bytes?: Buffer; readonly caption?: string };

function sendPicture(
  world: TestWorld,
  chatbot: TestChatbot,
  { bytes = picture(), caption }: Picture,
) {
  return world.simulator.customerSends({
    phoneNumberId: chatbot.phoneNumberId,
    customer: "ana",
    content: {
      type: "image",
      base64: bytes.toString("base64"),
      mimeType: "image/png",
      ...(caption === undefined ? {} : { caption }),
    },
  });
}

test.for([
  ["openai:test", null],
  ["google:test", null],
  ["anthropic:test", null],
  ["openai-compatible:test", "yes"],
] as const)("a picture reaches %s with its caption", async ([model, images]) => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot({ model });
  if (images !== null)
    await world.database.asOwner((db) =>
      sql`update chatbots set settings = ${{ images }}::jsonb`.execute(db),
    );
  world.simulator.models.script(({ images: [seen] }) =>
    seen === undefined ? "I see nothing." : "That is a red pixel.",
  );

  sendPicture(world, chatbot, { bytes: picture("mine"), caption: "What is this?" });

  expect((await world.simulator.nextReply("ana")).text).toBe("That is a red pixel.");
  const [request] = world.simulator.models.requests();
  expect(request?.images).toEqual([
    { mimeType: "image/png", base64: picture("mine").toString("base64") },
  ]);
  expect(request?.texts.join("\n")).toContain("[The customer sent this picture]\nWhat is this?");
});

test("a model that sees no pictures is told so, and is given none", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot({ model: "openai-compatible:test" });

  sendPicture(world, chatbot, {});

  await world.simulator.nextReply("ana");
  const [request] = world.simulator.models.requests();
  expect(request?.images).toEqual([]);
  expect(request?.texts).toEqual([expect.stringContaining("You cannot see it.")]);
});

test("a fallback model that sees nothing gets the note where the first would have got the picture", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot({
    model: "openai:test",
    fallbackModel: "openai-compatible:test",
  });
  world.simulator.setFaults({ models: { next: ["invalid-key"] } });

  sendPicture(world, chatbot, {});

  await world.simulator.nextReply("ana");
  const [first, second] = world.simulator.models.requests();
  expect(first?.images).toHaveLength(1);
  expect(second?.images).toEqual([]);
  expect(second?.texts.join("\n")).toContain("You cannot see this picture.");
});

test("of many pictures in one turn the newest four are shown, and no earlier turn's", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  sendPicture(world, chatbot, { bytes: picture("earlier") });
  await world.simulator.nextReply("ana");

  world.simulator.customersSend(
    [1, 2, 3, 4, 5, 6].map((number) => ({
      phoneNumberId: chatbot.phoneNumberId,
      customer: "ana",
      content: { type: "image", base64: picture(String(number)).toString("base64") },
    })),
  );

  await world.simulator.nextReply("ana");
  const request = world.simulator.models.requests().at(-1);
  const shown = request?.images.map(({ base64 }) => base64);
  expect(shown).toEqual(["3", "4", "5", "6"].map((mark) => picture(mark).toString("base64")));
});

test("the bytes of a picture are in the storage and nowhere in the database", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();

  sendPicture(world, chatbot, { bytes: picture("secret") });

  await world.simulator.nextReply("ana");
  const [media] = await rowsOf(world, "message_media");
  expect(media).toMatchObject({ kind: "image", status: "stored", mime_type: "image/png" });
  const key = String(media?.["storage_key"]);
  expect(key.startsWith(`${chatbot.organizationId}/`)).toBe(true);
  expect(Buffer.from(await world.storage.get(key))).toEqual(picture("secret"));
  const base64 = picture("secret").toString("base64").slice(0, 40);
  for (const table of ["messages", "message_media"] as const)
    expect(JSON.stringify(await rowsOf(world, table))).not.toContain(base64);
  const { rows: mailboxes } = await world.database.asOwner((db) =>
    sql`select messages, steps from mailboxes`.execute(db),
  );
  expect(JSON.stringify(mailboxes)).not.toContain(base64);
});
