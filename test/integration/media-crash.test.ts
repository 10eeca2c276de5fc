import { sql } from "kysely";
import { expect, test } from "vitest";
import type { Checkpoint } from "#domain/checkpoint.ts";
import { ConversationId, TurnId } from "#domain/ids.ts";
import type { MessageMedia } from "#domain/media.ts";
import { isMediaType } from "#domain/media.ts";
import { extractDocument } from "#knowledge/extract/extract-document.ts";
import { createGate } from "#media/create-gate.ts";
import { receiveMedia } from "#media/receive-media.ts";
import { systemClock } from "#platform/clock.ts";
import { createKeyRing, generateKey } from "#platform/key-ring.ts";
import { silentLogger } from "#platform/logger.ts";
import { newId } from "#platform/new-id.ts";
import type { MediaAnswer } from "#providers/whatsapp/media-download.ts";
import { loadConversation } from "#store/conversation-context.ts";
import { acceptChange } from "#store/inbound.ts";
import { buildVoiceNote } from "../../simulator/customers/voice-note.ts";
import { createTestChatbot } from "../support/create-test-chatbot.ts";
import { rowsOf } from "../support/media-rows.ts";
import { emptyDatabase } from "../support/test-database.ts";

/** One voice message in a database, and a process that can be let die at any step of receiving it. */
async function openVoiceMessage() {
  const database = await emptyDatabase();
  const keyRing = createKeyRing([generateKey()]);
  const simulator = { addPhoneNumber: () => undefined };
  const chatbot = await createTestChatbot({ database, keyRing, simulator }, {});
  const [stored] = await acceptChange(database.db, chatbot, {
    received: null,
    events: [
      {
        kind: "message",
        whatsappMessageId: "wamid.voice",
        sender: { phone: "351900000000" },
        sentAt: new Date(),
        content: { type: "audio", text: "", data: { id: "1", mime_type: "audio/ogg" } },
        wantsAnswer: true,
      },
    ],
    longestWaitMs: 0,
    humanPauseMs: 0,
  });
  const conversationId = ConversationId.parse(stored?.conversationId);
  const objects = new Map<string, Uint8Array>();
  const calls = { fetched: 0, transcribed: 0 };
  const deps = {
    db: database.db,
    keyRing,
    clock: systemClock,
    logger: silentLogger,
    extract: extractDocument,
    documentGate: createGate({ places: 1, patienceMs: 1_000 }),
    defaultTranscriptionModel: "openai:whisper-1",
    storage: {
      put: async (key: string, bytes: Uint8Array) => void objects.set(key, bytes),
      get: async (key: string) => objects.get(key) ?? Promise.reject(new Error("gone")),
      remove: async () => {},
      removeAll: async () => {},
    },
    whatsApp: {
      fetchMedia: async (): Promise<MediaAnswer> => {
        calls.fetched += 1;
        return { kind: "file", bytes: buildVoiceNote("Hello") };
      },
    },
    transcriptions: {
      get: (model: string) => ({
        model,
        transcribe: async () => {
          calls.transcribed += 1;
          return { text: "Hello", tokensPrompt: 0, tokensCompletion: 0, billedMs: 1_000 };
        },
      }),
    },
  };
  /** An attempt of the turn, as the flow makes it. */
  const attempt = async (changes: Partial<typeof deps>, checkpoint: Checkpoint) => {
    const loaded = await loadConversation(database.db, chatbot.organizationId, {
      conversationId,
      messages: 10,
    });
    const messages = (loaded?.entries ?? []).flatMap(({ id, type, data, media }) =>
      isMediaType(type) ? [{ id, type, data: data ?? {}, media: media ?? undefined }] : [],
    );
    return receiveMedia(
      { ...deps, ...changes },
      {
        ...chatbot,
        turnId: TurnId.parse(newId()),
        settings: { transcriptionModel: null, images: "auto" },
        messages,
        checkpoint,
        signal: new AbortController().signal,
      },
    );
  };
  return { database, calls, deps, attempt };
}

const lives: Checkpoint = (_name, work) => work();
/** The step is done, and the process dies before anybody has stored that. */
const dies: Checkpoint = async (_name, work) => {
  await work();
  throw new Error("killed");
};

test("a process that dies after the transcription, before its step is stored, has it done only once", async () => {
  const { database, attempt, calls } = await openVoiceMessage();
  await expect(attempt({}, dies)).rejects.toThrow("killed");
  const received = await attempt({}, lives);
  expect([...received.values()]).toEqual([]); // the history says it already
  expect(calls).toEqual({ fetched: 1, transcribed: 1 });
  expect(await rowsOf({ database }, "usage_logs")).toHaveLength(1);
  expect(await rowsOf({ database }, "messages")).toMatchObject([{ content: "Hello" }]);
});

test("a file that an earlier turn has fetched is not fetched again by the one that reads it", async () => {
  const { attempt, calls, deps } = await openVoiceMessage();
  const killed = {
    get: (model: string) => ({
      ...deps.transcriptions.get(model),
      transcribe: () => Promise.reject(new DOMException("killed", "AbortError")),
    }),
  };
  const stopped: Partial<typeof deps> = { transcriptions: killed };
  await attempt(stopped, lives);
  const received = await attempt({}, lives);
  const expected: Partial<MessageMedia> = { status: "read", text: "Hello" };
  expect([...received.values()]).toMatchObject([expected]);
  expect(calls).toEqual({ fetched: 1, transcribed: 1 });
});

test("a message that is deleted while its file is fetched leaves no file behind", async () => {
  const { database, attempt, deps } = await openVoiceMessage();
  const whatsApp = {
    fetchMedia: async (): Promise<MediaAnswer> => {
      await database.asOwner((db) => sql`update messages set revoked_at = now()`.execute(db));
      return deps.whatsApp.fetchMedia();
    },
  };
  const [media] = [...(await attempt({ whatsApp }, lives)).values()];
  expect(await rowsOf({ database }, "message_media")).toEqual([]);
  expect(media?.storageKey).not.toBeNull();
  expect(await rowsOf({ database }, "obsolete_media")).toMatchObject([
    { storage_key: media?.storageKey },
  ]);
});
