import { expect, test } from "vitest";
import { readFixture } from "../fixtures/documents/extract-fixture.ts";
import type { TestChatbot } from "../support/create-test-chatbot.ts";
import { rowsOf } from "../support/media-rows.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";

type File = { readonly bytes: Buffer; readonly filename: string; readonly caption?: string };

async function sendDocument(world: TestWorld, { phoneNumberId }: TestChatbot, file: File) {
  const { bytes, ...named } = file;
  world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "document", base64: bytes.toString("base64"), ...named },
  });
  // Reading takes a process of its own.
  return world.simulator.nextReply("ana", { timeoutMs: 50_000 });
}

const lastTexts = ({ simulator }: TestWorld) => simulator.models.requests().at(-1)?.texts ?? [];

test("a document is read and given to the turn that answers it, as data, with its name and caption", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  await sendDocument(world, chatbot, {
    bytes: readFixture("handbook.pdf"),
    filename: "handbook.pdf",
    caption: "What is this about?",
  });
  const [text] = lastTexts(world);
  expect(text).toMatch(
    /^\[The customer sent a document\]\n<data>\{"document":\{"name":"handbook\.pdf","text":".+<\/data>\nWhat is this about\?$/s,
  );
  expect(await rowsOf(world, "message_media")).toMatchObject([
    { kind: "document", status: "read", mime_type: "application/pdf", is_cut: false },
  ]);
});

test("questions that follow a document are answered from it, without reading it again", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot({ model: "demo:extractive" });
  const offer = "Our offer.\n\nDelivery takes five days.\n\nThe oven costs 900 euros.";
  const first = await sendDocument(world, chatbot, {
    bytes: Buffer.from(offer),
    filename: "offer.txt",
  });
  expect(first.text).toContain("I have read “offer.txt”");
  world.simulator.customerSends({
    phoneNumberId: chatbot.phoneNumberId,
    customer: "ana",
    content: { type: "text", text: "What does the oven cost?" },
  });
  expect((await world.simulator.nextReply("ana")).text).toContain("The oven costs 900 euros.");
  expect(await rowsOf(world, "message_media")).toHaveLength(1);
});

test("a long document is cut at the budget, and the model is told so", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  const long = Array.from({ length: 20_000 }, (_, line) => `Line ${line} of the list.`).join("\n");
  await sendDocument(world, chatbot, { bytes: Buffer.from(long), filename: "list.txt" });
  const [text = ""] = lastTexts(world);
  expect(text).toContain("Only the beginning of the document is shown.");
  expect(text.length).toBeLessThan(8_000 * 4 + 2_000);
  expect(text).toContain("Line 0 of the list.");
});

test.for([
  ["locked.pdf", "password", "only with a password"],
  ["scan.pdf", "no-text", "scanned pages"],
  ["handbook.fodt", "unreadable", "cannot be read"],
] as const)("%s (%s) gets a note, and the turn its answer", async ([filename, reason, words]) => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  const bytes =
    reason === "unreadable"
      ? Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 2, 3])
      : readFixture(filename);
  await sendDocument(world, chatbot, { bytes, filename });
  expect(lastTexts(world)).toEqual([expect.stringContaining(words)]);
  expect(await rowsOf(world, "message_media")).toMatchObject([{ status: "stored", reason }]);
});

test("a picture sent as a document is shown as a picture", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  const pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  await sendDocument(world, chatbot, { bytes: Buffer.from(pixel, "base64"), filename: "a.png" });
  expect(world.simulator.models.requests().at(-1)?.images).toEqual([
    { mimeType: "image/png", base64: pixel },
  ]);
});

test("a button, a list row, a form, a location and a sticker each get their words", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  const { phoneNumberId } = chatbot;
  world.simulator.customersSend(
    (
      [
        { type: "button-reply", id: "yes", title: "Yes, please" },
        { type: "list-reply", id: "l", title: "Large", description: "33 cm" },
        { type: "flow-reply", response: { date: "2026-12-01", flow_token: "t" } },
        { type: "location", latitude: 38.7, longitude: -9.1, name: "Rossio" },
        { type: "sticker" },
        { type: "unsupported", kind: "poll_creation" },
      ] as const
    ).map((content) => ({ phoneNumberId, customer: "ana", content })),
  );
  await world.simulator.nextReply("ana");
  expect(lastTexts(world)).toEqual([
    '[The customer tapped a button]\n<data>{"button":{"title":"Yes, please","id":"yes"}}</data>',
    '[The customer chose from the list]\n<data>{"choice":{"title":"Large","description":"33 cm","id":"l"}}</data>',
    '[The customer filled in a form]\n<data>{"form":{"name":"flow","answers":{"date":"2026-12-01"}}}</data>',
    '[The customer sent a location]\n<data>{"location":{"latitude":38.7,"longitude":-9.1,"name":"Rossio"}}</data>',
    expect.stringContaining("[The customer sent a sticker. "),
    expect.stringContaining("Say politely"),
  ]);
});

test("the demo model answers a picture and a voice message that it cannot make out", async () => {
  await using world = await startWorld({ DEFAULT_TRANSCRIPTION_MODEL: "none" });
  const { phoneNumberId } = await world.createChatbot({ model: "demo:extractive" });
  world.simulator.customerSends({ phoneNumberId, customer: "ana", content: { type: "image" } });
  expect((await world.simulator.nextReply("ana")).text).toContain("cannot see pictures");
  world.simulator.customerSends({ phoneNumberId, customer: "ana", content: { type: "audio" } });
  expect((await world.simulator.nextReply("ana")).text).toContain("cannot hear it");
});
