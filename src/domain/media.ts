import { z } from "zod";

/** What a file is, by its bytes: a picture sent as a document is an image. */
export const MEDIA_KINDS = ["image", "audio", "video", "document", "sticker"] as const;
export type MediaKind = (typeof MEDIA_KINDS)[number];

/**
 * Why there is no file, or no words of it. `unavailable` may pass: whoever needs the file tries again.
 *
 * `missing` Meta had none to give; `gone` Meta has it no more; `altered` its bytes are not those that
 * the webhook announced; `type` its bytes are no such file; `refused` Meta does not let us have it;
 * `foreign-host` its address is none of Meta's; `too-many` more files at once than are looked at;
 * `no-transcription` nothing is set up that could hear it; `no-words` nobody speaks in it; `too-long`
 * a recording beyond the limit; `unreadable`, `password`, `no-text` what a document lacks.
 */
export const MEDIA_REASONS = [
  "missing",
  "too-large",
  "gone",
  "altered",
  "type",
  "refused",
  "foreign-host",
  "unavailable",
  "too-many",
  "no-transcription",
  "no-words",
  "too-long",
  "unreadable",
  "password",
  "no-text",
] as const;
export type MediaReason = (typeof MEDIA_REASONS)[number];

/** The file of a message, without its bytes (`message_media`). */
export const MessageMedia = z.object({
  kind: z.enum(MEDIA_KINDS),
  status: z.enum(["stored", "read", "failed", "expired"]),
  reason: z.enum(MEDIA_REASONS).nullable().catch(null),
  mimeType: z.string().nullable(),
  sizeBytes: z.number().nullable(),
  /** Where its bytes are in the object storage; null when they are not. */
  storageKey: z.string().nullable(),
  /** Its words: a transcript, or the text of a document. */
  text: z.string().nullable(),
  /** Whether the text is only the beginning. */
  isCut: z.boolean(),
  /** What hearing it has just cost, in millionths of a US dollar, where that is known. */
  costMicros: z.number().exactOptional(),
});
export type MessageMedia = z.infer<typeof MessageMedia>;

/** Whether Meta's message type carries a file. */
export function isMediaType(type: string): type is MediaKind {
  return MEDIA_KINDS.some((kind) => kind === type);
}
