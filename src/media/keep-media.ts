import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import type { MediaKind, MediaReason, MessageMedia } from "#domain/media.ts";
import type { WhatsAppSender } from "#domain/outbound.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import type { Clock } from "#platform/clock.ts";
import { objectKey, type ObjectStorage } from "#providers/object-storage/object-storage.ts";
import type { MediaAnswer, MediaDownload } from "#providers/whatsapp/media-download.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import { type MediaRow, queueUnknownMedia, recordMedia } from "#store/message-media.ts";
import { detectMedia, isUnseenFormat } from "./detect-media.ts";
import { MEDIA_BYTES_MAX } from "./media-limits.ts";
import { digestOf, isAnnounced } from "./verify-digest.ts";

/** What fetching and keeping files needs. */
export type KeepMediaDeps = {
  readonly db: AppDatabase;
  readonly storage: ObjectStorage;
  readonly whatsApp: { readonly fetchMedia: MediaDownload["fetch"] };
  readonly clock: Clock;
};

/** A message of a customer that carries a file. */
export type MediaMessage = {
  readonly id: string;
  readonly type: MediaKind;
  /** Meta's object of the file. */
  readonly data: JsonObject;
};

/** Whose message, and as whom Meta is asked. */
export type MediaTurn = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  readonly sender: WhatsAppSender;
  readonly signal: AbortSignal;
};

/** A file that was looked for; its bytes when they were just fetched. */
export type KeptMedia = { readonly media: MessageMedia; readonly bytes: Uint8Array | null };

/** Pauses between tries of what may pass: a customer waits. */
const PAUSES_MS = [500, 2_000];

/**
 * Fetches a message's file from Meta, checks it, keeps it in the storage and writes it down. Whatever is
 * wrong with it is written down, too. Throws only what the database throws, and the signal's reason.
 */
export async function keepMedia(
  deps: KeepMediaDeps,
  turn: MediaTurn,
  message: MediaMessage,
): Promise<KeptMedia> {
  const found = await fetchPatiently(deps, turn, message);
  const row =
    found.kind === "file" ? await keep(deps, turn, { message, bytes: found.bytes }) : null;
  const media: MediaRow =
    row ?? failed(message.type, found.kind === "refused" ? found.reason : "unavailable");
  const isWritten = await asTenant(deps.db, turn.organizationId, (tenant) =>
    recordMedia(tenant, { organizationId: turn.organizationId, messageId: message.id }, media),
  );
  // Its writer deleted the message meanwhile: no row will ever let go of the file.
  if (!isWritten && media.storageKey !== null) await queueUnknownMedia(deps.db, media.storageKey);
  const isKept = found.kind === "file" && media.status === "stored";
  return { media: toState(media), bytes: isKept ? found.bytes : null };
}

/** A file that could not be had. */
export function failed(kind: MediaKind, reason: MediaReason): MessageMedia {
  return {
    kind,
    status: "failed",
    reason,
    mimeType: null,
    sizeBytes: null,
    storageKey: null,
    text: null,
    isCut: false,
  };
}

async function fetchPatiently(
  deps: KeepMediaDeps,
  { sender, signal }: MediaTurn,
  { type, data }: MediaMessage,
): Promise<MediaAnswer> {
  const mediaId = data["id"];
  if (typeof mediaId !== "string") return { kind: "refused", reason: reasonWithoutId(data) };
  const request = { sender, mediaId, sizeBytesMax: MEDIA_BYTES_MAX[type], signal };
  for (const pauseMs of PAUSES_MS) {
    const answer = await deps.whatsApp.fetchMedia(request);
    if (answer.kind === "file" || answer.reason !== "unavailable") return answer;
    await deps.clock.sleep(pauseMs, signal);
  }
  return deps.whatsApp.fetchMedia(request);
}

/** 131052: a file beyond Meta's own limit comes as an error in place of its id. */
function reasonWithoutId(data: JsonObject): MediaReason {
  return JSON.stringify(data["errors"] ?? "").includes("131052") ? "too-large" : "missing";
}

/** Null when the storage does not take it: then it is as if it could not be fetched. */
async function keep(
  deps: KeepMediaDeps,
  { organizationId, chatbotId }: MediaTurn,
  { message, bytes }: { readonly message: MediaMessage; readonly bytes: Uint8Array },
): Promise<MediaRow | null> {
  const sha256 = digestOf(bytes);
  const { sha256: announced } = message.data;
  if (!isAnnounced(sha256, typeof announced === "string" ? announced : undefined))
    return failed(message.type, "altered");
  const detected = detectMedia(bytes, message.type);
  if (detected === null) return failed(message.type, "type");
  if (isUnseenFormat(detected)) return failed(detected.kind, "type");
  const storageKey = objectKey(organizationId, chatbotId, "media", message.id);
  const isStored = await deps.storage.put(storageKey, bytes).then(
    () => true,
    () => false,
  );
  if (!isStored) return null;
  return {
    ...detected,
    status: "stored",
    reason: null,
    sizeBytes: bytes.length,
    sha256,
    storageKey,
    text: null,
    isCut: false,
  };
}

/** Without what only the table wants to know. */
function toState(row: MediaRow): MessageMedia {
  const { kind, status, reason, mimeType, sizeBytes, storageKey, text, isCut } = row;
  return { kind, status, reason, mimeType, sizeBytes, storageKey, text, isCut };
}
