import type { Checkpoint } from "#domain/checkpoint.ts";
import type { MediaSettings } from "#domain/conversation.ts";
import type { ChatbotId, OrganizationId, TurnId } from "#domain/ids.ts";
import type { MessageMedia } from "#domain/media.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import type { Logger } from "#platform/logger.ts";
import { asTenant } from "#store/as-tenant.ts";
import { findMediaSender } from "#store/message-media.ts";
import type { ReadTurn } from "./hear-recording.ts";
import { MEDIA_STEP } from "./hearing-cost.ts";
import {
  failed,
  keepMedia,
  type KeepMediaDeps,
  type MediaMessage,
  type MediaTurn,
} from "./keep-media.ts";
import { FILES_AT_ONCE, FILES_MAX, RECORDINGS_MAX } from "./media-limits.ts";
import { readMedia, type ReadMediaDeps } from "./read-media.ts";

/** What receiving files needs. */
export type ReceiveMediaDeps = KeepMediaDeps &
  ReadMediaDeps & {
    readonly keyRing: Pick<KeyRing, "open">;
    readonly logger: Logger;
  };

/** A message with a file, and what is known of the file. */
export type MessageWithFile = MediaMessage & { readonly media: MessageMedia | undefined };

/** The files of a turn. */
export type ReceiveMediaInput = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  readonly turnId: TurnId;
  readonly settings: MediaSettings;
  /** Oldest first. */
  readonly messages: readonly MessageWithFile[];
  readonly checkpoint: Checkpoint;
  readonly signal: AbortSignal;
};

/**
 * Fetches the files of a turn's messages and finds out what they say, each as a step of the turn, and
 * once in all turns: what came of a file is in `message_media`. What cannot be had or read is a value
 * that the prompt words; only the database and the signal make it throw.
 * @returns what became of the file, by message.
 */
export async function receiveMedia(
  deps: ReceiveMediaDeps,
  input: ReceiveMediaInput,
): Promise<ReadonlyMap<string, MessageMedia>> {
  const { organizationId, chatbotId, signal } = input;
  const open = input.messages.filter(({ media }) => media === undefined || !isSettled(media));
  const received = new Map<string, MessageMedia>();
  if (open.length === 0) return received;
  const { files, tooMany, mayHearAnother } = choose(open);
  for (const { id, type } of tooMany) received.set(id, failed(type, "too-many"));
  const found = await asTenant(deps.db, organizationId, (tenant) =>
    findMediaSender(tenant, chatbotId),
  );
  if (found === null) return received;
  const { phoneNumberId, sealedAccessToken } = found;
  const accessToken = deps.keyRing.open(sealedAccessToken, {
    organizationId,
    column: "whatsapp_access_token",
  });
  const sender = { phoneNumberId, accessToken };
  const { turnId, settings } = input;
  const turn = { organizationId, chatbotId, turnId, settings, sender, signal, mayHearAnother };
  await inSmallGroups(files, async (message) => {
    const media = await input.checkpoint(`${MEDIA_STEP}${message.id}`, () =>
      receiveOne(deps, turn, message),
    );
    received.set(message.id, media);
    if (media.status === "failed")
      deps.logger.info(
        { organizationId, chatbotId, turnId, kind: media.kind, reason: media.reason },
        "file of a customer not received",
      );
  });
  return received;
}

/** Nothing more will come of it. */
function isSettled({ status, reason, kind }: MessageMedia): boolean {
  if (status === "failed") return reason !== "unavailable";
  if (status !== "stored") return true;
  const hasWords = kind === "audio" || kind === "document";
  return !hasWords || (reason !== null && reason !== "unavailable");
}

/** Says whether one more recording may be heard in this turn, and counts it. */
type MayHearAnother = () => boolean;

/** The newest files, and no more recordings among them than are heard. */
function choose(open: readonly MessageWithFile[]): {
  readonly files: readonly MessageWithFile[];
  readonly tooMany: readonly MessageWithFile[];
  /** For recordings that came as documents, which are known once they are fetched. */
  readonly mayHearAnother: MayHearAnother;
} {
  const newest = open.slice(-FILES_MAX);
  const recordings = newest.filter(({ type }) => type === "audio");
  const unheard = recordings.slice(0, -RECORDINGS_MAX);
  let places = RECORDINGS_MAX - (recordings.length - unheard.length);
  return {
    files: newest.filter((message) => !unheard.includes(message)),
    tooMany: [...open.slice(0, -FILES_MAX), ...unheard],
    mayHearAnother: () => {
      places -= 1;
      return places >= 0;
    },
  };
}

/** An earlier turn may have fetched it, and died before anybody read it. */
async function receiveOne(
  deps: ReceiveMediaDeps,
  turn: MediaTurn & ReadTurn & { readonly mayHearAnother: MayHearAnother },
  message: MessageWithFile,
): Promise<MessageMedia> {
  const known = message.media?.status === "stored" ? message.media : null;
  const { media, bytes } =
    known === null ? await keepMedia(deps, turn, message) : { media: known, bytes: null };
  if (media.status !== "stored") return media;
  if (media.kind === "audio" && message.type !== "audio" && !turn.mayHearAnother())
    return { ...media, reason: "too-many" };
  const { filename } = message.data;
  const name = typeof filename === "string" ? filename : null;
  return readMedia(deps, turn, { messageId: message.id, media, bytes, name });
}

async function inSmallGroups<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += FILES_AT_ONCE)
    await Promise.all(items.slice(start, start + FILES_AT_ONCE).map(work));
}
