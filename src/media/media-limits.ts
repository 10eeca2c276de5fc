import type { MediaKind } from "#domain/media.ts";

const MEBIBYTE = 1024 * 1024;

/**
 * Largest file that is fetched, by Meta's message type. Meta's own limits, but for documents, of which it
 * hands over 100 MB: more than 10 MB is not read (as in the knowledge). Stickers have some room.
 */
export const MEDIA_BYTES_MAX: Readonly<Record<MediaKind, number>> = {
  image: 5 * MEBIBYTE,
  audio: 16 * MEBIBYTE,
  video: 16 * MEBIBYTE,
  document: 10 * MEBIBYTE,
  sticker: MEBIBYTE,
};

/** Files of one turn that are looked at; somebody who sends more gets an answer about the newest. */
export const FILES_MAX = 10;

/** Recordings of one turn that are heard, the newest: each costs, and holds up the answer. */
export const RECORDINGS_MAX = 5;

/** Files fetched and read at once in a turn, since each is held in memory meanwhile. */
export const FILES_AT_ONCE = 3;

/** Pictures of one turn that a model is given, the newest. */
export const IMAGES_MAX = 4;

/** Of all pictures of a turn together: they travel with each model call of the turn. */
export const IMAGES_BYTES_MAX = 12 * MEBIBYTE;

/**
 * Text of customers' documents that a model is given in one turn, in tokens: some twelve pages. What is
 * longer belongs into the knowledge.
 */
export const DOCUMENT_TOKENS_MAX = 8_000;
