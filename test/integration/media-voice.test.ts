import { sql } from "kysely";
import { expect, test } from "vitest";
import { buildVoiceNote } from "../../simulator/customers/voice-note.ts";
import type { TestChatbot } from "../support/create-test-chatbot.ts";
import { rowsOf } from "../support/media-rows.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";

function speak(world: TestWorld, { phoneNumberId }: TestChatbot, says: string) {
  return world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "audio", says },
  });
}

const transcriptions = ({ simulator }: TestWorld) =>
  simulator.models.requests().filter(({ kind }) => kind === "transcription");
const chats = ({ simulator }: TestWorld) =>
  simulator.models.requests().filter(({ kind }) => kind === "chat");

async function setUp(world: TestWorld, settings: object): Promise<TestChatbot> {
  const chatbot = await world.createChatbot();
  await world.database.asOwner((db) =>
    sql`update chatbots set settings = ${JSON.stringify(settings)}::jsonb`.execute(db),
  );
  return chatbot;
}

test("the transcript of a voice message is in the prompt of the turn that answers it, and in the history", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();

  speak(world, chatbot, "Are you open on Sunday?");

  await world.simulator.nextReply("ana");
  const words = "[The customer sent a voice message, which says:]\nAre you open on Sunday?";
  expect(chats(world)[0]?.texts).toEqual([words]);
  const [message] = await rowsOf(world, "messages");
  expect(message).toMatchObject({ type: "audio", content: "Are you open on Sunday?" });
  world.simulator.customerSends({
    phoneNumberId: chatbot.phoneNumberId,
    customer: "ana",
    content: { type: "text", text: "And on Monday?" },
  });
  await world.simulator.nextReply("ana");
  expect(
    chats(world)[1]
      ?.turns.map(({ texts }) => texts)
      .flat(),
  ).toContain(words);
  expect(transcriptions(world)).toHaveLength(1);
});

test("what a transcription took is logged, and is no message of the quota", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  speak(world, chatbot, "one two three four five");
  await world.simulator.nextReply("ana");
  await world.restart(); // the turn has ended
  const [transcribed, answered] = await rowsOf(world, "usage_logs");
  expect(transcribed).toMatchObject({
    kind: "transcription",
    model: "openai:gpt-4o-mini-transcribe",
    chatbot_id: null,
    audio_ms: 2_000,
    tokens_prompt: 30,
    // 2 s of 0.003 dollars a minute
    cost_micros: expect.toSatisfy((cost: unknown) => Number(cost) === 100),
  });
  expect(transcribed?.["message_id"]).not.toBeNull();
  expect(answered).toMatchObject({ kind: "answer" });
  expect(await rowsOf(world, "message_media")).toMatchObject([
    { kind: "audio", status: "read", duration_ms: 2_000, model: "openai:gpt-4o-mini-transcribe" },
  ]);
});

test("a chatbot's own transcription model is asked, and billed by its seconds", async () => {
  await using world = await startWorld();
  const chatbot = await setUp(world, { transcriptionModel: "openai:whisper-1" });
  speak(world, chatbot, "Hello");
  await world.simulator.nextReply("ana");
  expect(transcriptions(world)).toMatchObject([{ model: "whisper-1" }]);
  const [row] = await rowsOf(world, "usage_logs");
  expect(row).toMatchObject({ model: "openai:whisper-1", audio_ms: 3_000, tokens_total: 0 });
});

test("Gemini hears a voice message, too", async () => {
  await using world = await startWorld();
  const chatbot = await setUp(world, { transcriptionModel: "google:gemini-2.5-flash" });
  world.simulator.models.script(({ provider }) =>
    provider === "gemini" ? "Do you deliver?" : undefined,
  );
  speak(world, chatbot, "Do you deliver?");
  await world.simulator.nextReply("ana");
  const [gemini, answer] = world.simulator.models.requests();
  expect(JSON.stringify(gemini?.body)).toContain('"mimeType":"audio/ogg"');
  expect(answer?.texts).toEqual([expect.stringContaining("Do you deliver?")]);
});

test.for([
  ["nothing hears", { transcriptionModel: "none" }, "cannot hear voice messages"],
  ["the model has no key", { transcriptionModel: "google:x" }, "cannot hear voice messages"],
  ["the model is down", { transcriptionModel: "openai:x" }, "could not be opened at the moment"],
] as const)("where %s, the customer is asked to write", async ([, settings, words]) => {
  await using world = await startWorld({ GEMINI_API_KEY: "" });
  const chatbot = await setUp(world, settings);
  if (settings.transcriptionModel === "openai:x")
    world.simulator.setFaults({ models: { next: ["server-error", "server-error"] } });
  speak(world, chatbot, "Hello?");
  await world.simulator.nextReply("ana");
  expect(chats(world)).toMatchObject([{ texts: [expect.stringContaining(words)] }]);
  expect(await rowsOf(world, "message_media")).toMatchObject([
    { status: "stored", text: null, storage_key: expect.stringContaining("media") },
  ]);
});

test("a model that hears nothing because its key is missing is told to operators, once", async () => {
  await using world = await startWorld({ GEMINI_API_KEY: "" });
  const chatbot = await setUp(world, { transcriptionModel: "google:x" });
  for (const says of ["Hello?", "Is anybody there?"]) {
    speak(world, chatbot, says);
    await world.simulator.nextReply("ana");
  }
  expect(await rowsOf(world, "system_alerts")).toMatchObject([
    {
      alert_type: "transcription_failed",
      error_code: "MODEL_KEY_INVALID",
      chatbot_id: chatbot.chatbotId,
      occurrences: 2,
    },
  ]);
});

test("a transcription that fails for a moment is tried once more", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  world.simulator.setFaults({ models: { next: ["server-error"] } });
  speak(world, chatbot, "Hello again");
  await world.simulator.nextReply("ana");
  expect(transcriptions(world)).toHaveLength(2);
  expect(chats(world)[0]?.texts).toEqual([expect.stringContaining("Hello again")]);
});

test("of many recordings in one turn five are heard, voice messages first, and of the others there is a note", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  const voice = (says: string) =>
    ({ phoneNumberId, customer: "ana", content: { type: "audio", says } }) as const;
  const attached = {
    phoneNumberId,
    customer: "ana",
    content: {
      type: "document",
      base64: Buffer.from(buildVoiceNote("attached")).toString("base64"),
      filename: "voice.ogg",
    },
  } as const;
  const numbers = ["one", "two", "three", "four", "five", "six"];
  world.simulator.customersSend([...numbers.map(voice), attached]);
  await world.simulator.nextReply("ana");
  const asked = chats(world)[0]?.texts.join("\n") ?? "";
  expect(asked.match(/too many files came at once/g)).toHaveLength(2);
  // Which of the voice messages is the oldest is left to chance where the clock ticks too slowly.
  expect(asked).not.toContain("attached");
  expect(transcriptions(world)).toHaveLength(5);
});

test("a recording in which nobody speaks is said to be silent", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  world.simulator.models.script(({ kind }) => (kind === "transcription" ? " " : undefined));
  speak(world, chatbot, "…");
  await world.simulator.nextReply("ana");
  expect(chats(world)[0]?.texts).toEqual([expect.stringContaining("No words can be heard")]);
});

test("a draft that newer messages discard does not have the voice message transcribed again", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
  world.simulator.models.script(async ({ kind, texts }) => {
    if (kind !== "chat" || texts.length > 1) return undefined;
    asked();
    await mayAnswer;
    return "A draft.";
  });
  speak(world, chatbot, "Do you have a table?");
  await isAsked;
  await world.simulator.customerSends({
    phoneNumberId: chatbot.phoneNumberId,
    customer: "ana",
    content: { type: "text", text: "For four, please" },
  }).acknowledged;
  answer();
  await world.simulator.nextReply("ana");
  expect(chats(world).at(-1)?.texts).toEqual([
    "[The customer sent a voice message, which says:]\nDo you have a table?",
    "For four, please",
  ]);
  expect(transcriptions(world)).toHaveLength(1);
});

test("a process that stops between the transcription and the answer leaves no second one to pay", async () => {
  await using world = await startWorld({ DRAIN_MS: "50" });
  const chatbot = await world.createChatbot();
  const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
  let answers = 0;
  world.simulator.models.script(async ({ kind }) => {
    if (kind !== "chat") return undefined;
    answers += 1;
    asked();
    return answers === 1 ? new Promise(() => {}) : "We are open.";
  });
  speak(world, chatbot, "Are you open?");
  await isAsked;
  await world.restart();
  expect((await world.simulator.nextReply("ana")).text).toBe("We are open.");
  expect(chats(world).at(-1)?.texts).toEqual([expect.stringContaining("Are you open?")]);
  expect(transcriptions(world)).toHaveLength(1);
});
