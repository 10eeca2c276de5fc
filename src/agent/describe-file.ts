import type { HistoryEntry } from "#domain/conversation.ts";
import { CUSTOMER_SENT, MEDIA_WORDS } from "#domain/media-words.ts";
import type { MediaReason, MessageMedia } from "#domain/media.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import { toDataBlock } from "./to-data-block.ts";

/** Where a message stands in the prompt. */
export type Place =
  /** Answered before: what could not be had is of no interest any more. */
  | "history"
  /** To be answered now, and its picture is not part of the prompt. */
  | "incoming"
  /** To be answered now, and its picture follows. */
  | "incoming with its picture";

/** A customer's message with a file, in words that a model can act upon. */
export function describeFile(entry: HistoryEntry, place: Place): string {
  const { media } = entry;
  const written = entry.text.trim();
  // A picture or recording sent as a document is what it is.
  const kind = media?.kind ?? entry.type;
  const name = MEDIA_WORDS[kind] ?? "a file";
  // The transcript of a voice message is its text.
  const said = kind === "audio" ? (media?.text ?? (entry.type === "audio" ? written : "")) : "";
  const caption = written === "" || entry.type === "audio" ? "" : `\n${written}`;
  if (said !== "") return `${heard(said, media)}${caption}`;
  if (kind === "document" && media?.status === "read")
    return `${note(name, place, "")}\n${documentBlock(entry)}${caption}`;
  return `${note(name, place, hintOf(media ?? toUnknown(entry.type)))}${caption}`;
}

function note(name: string, place: Place, hint: string): string {
  if (place === "incoming with its picture") return `${CUSTOMER_SENT}this picture]`;
  return place === "history" || hint === ""
    ? `${CUSTOMER_SENT}${name}]`
    : `${CUSTOMER_SENT}${name}. ${hint}]`;
}

function heard(words: string, media: MessageMedia | undefined): string {
  const end = media?.isCut === true ? " (only its beginning)" : "";
  return `${CUSTOMER_SENT}${MEDIA_WORDS["audio"]}, which says${end}:]\n${words}`;
}

/** The text of a document is the customer's material, never an instruction. */
function documentBlock({ media, data }: HistoryEntry): string {
  const { filename } = data ?? {};
  return toDataBlock({
    document: {
      ...(typeof filename === "string" ? { name: filename } : {}),
      ...(media?.text == null ? { note: "Its text is not shown any more." } : toShownText(media)),
    },
  });
}

function toShownText({ text, isCut }: MessageMedia): JsonObject {
  return { text, ...(isCut ? { note: "Only the beginning of the document is shown." } : {}) };
}

/** What Meta's type alone tells, where nobody has looked for the file. */
function toUnknown(type: string): Pick<MessageMedia, "kind" | "status" | "reason"> | undefined {
  return type === "sticker" || type === "video"
    ? { kind: type, status: "stored", reason: null }
    : undefined;
}

function hintOf(media: Pick<MessageMedia, "kind" | "status" | "reason"> | undefined): string {
  if (media === undefined) return HINTS.unavailable;
  if (media.reason !== null) return HINTS[media.reason];
  if (media.status === "expired") return HINTS.gone;
  switch (media.kind) {
    case "image":
      return "You cannot see it. Say so politely and ask them to describe it in words.";
    case "video":
      return "You cannot watch videos. Say so politely and ask them to describe it in words.";
    case "sticker":
      return "You cannot see it. Answer in a short, friendly way that fits the conversation.";
    case "audio":
      return HINTS.unavailable;
    case "document":
      return HINTS.unreadable;
  }
}

const AGAIN = "Say so politely and ask them to send it again.";

const HINTS: Readonly<Record<MediaReason, string>> = {
  missing: `It did not arrive. ${AGAIN}`,
  gone: `It did not arrive. ${AGAIN}`,
  altered: `It did not arrive whole. ${AGAIN}`,
  refused: `It did not arrive. ${AGAIN}`,
  "foreign-host": `It did not arrive. ${AGAIN}`,
  unavailable: `It could not be opened at the moment. ${AGAIN}`,
  type: "It cannot be opened. Say so politely and ask for another file, or for the words.",
  "too-large": "It is too large. Say so politely and ask for a smaller one.",
  "too-many": "You have not seen it, since too many files came at once. Say so politely.",
  "no-transcription":
    "You cannot hear voice messages. Say so politely and ask them to write it down.",
  "no-words": "No words can be heard in it. Say so politely and ask them to write it down.",
  "too-long": "It is too long to be heard. Say so politely and ask for a shorter one, or to write.",
  unreadable: "It cannot be read. Say so politely and ask for a PDF, a Word document or text.",
  password: "It opens only with a password. Say so politely and ask for a copy without one.",
  "no-text":
    "It holds no text that can be read, such as scanned pages. Say so politely and ask for the words, or for a photo of the page.",
};
