import type { ChatContent } from "../chats.ts";
import type { Customer } from "../directory.ts";
import { buildSender, toTimestamp, type JsonObject } from "../envelope.ts";
import type { MediaStore } from "../media-store.ts";
import type { CustomerContent } from "./content.ts";
import { sampleMedia } from "./sample-media.ts";
import { buildVoiceNote } from "./voice-note.ts";

/** A customer's action in Meta's words, and what the customer's own phone shows for it. */
export type BuiltMessage = {
  readonly message: JsonObject;
  /** Missing for actions that add no bubble: reaction, edit, revoke. */
  readonly bubble?: ChatContent | undefined;
  /** System messages come without `contacts[]`. */
  readonly withoutContact?: boolean | undefined;
};

/** The fields that every message has. */
export type MessageFrame = {
  readonly id: string;
  readonly customer: Customer;
  readonly atMs: number;
  readonly context?: JsonObject | undefined;
  readonly referral?: JsonObject | undefined;
};

/** Builds the `messages[]` entry for what a customer does. Files go into the media store. */
export function buildMessage(
  media: MediaStore,
  frame: MessageFrame,
  content: CustomerContent,
): BuiltMessage {
  const base = {
    ...(frame.context === undefined ? {} : { context: frame.context }),
    ...(frame.referral === undefined ? {} : { referral: frame.referral }),
    ...buildSender(frame.customer),
    id: frame.id,
    timestamp: toTimestamp(frame.atMs),
  };
  const built = buildBody(media, frame, content);
  return { ...built, message: { ...base, ...built.message } };
}

function buildBody(media: MediaStore, frame: MessageFrame, content: CustomerContent): BuiltMessage {
  switch (content.type) {
    case "text":
      return {
        message: { type: "text", text: { body: content.text } },
        bubble: { type: "text", text: content.text },
      };
    case "image":
    case "video":
    case "audio":
    case "document":
    case "sticker":
      return buildMedia(media, content);
    case "location": {
      const { type, ...location } = content;
      return { message: { type, location }, bubble: content };
    }
    case "contacts":
      return {
        message: { type: "contacts", contacts: content.contacts },
        bubble: { type: "note", text: "Contact card" },
      };
    case "button-reply":
    case "list-reply":
    case "template-button":
    case "flow-reply":
      return buildChoice(content);
    case "unsupported":
      return {
        message: {
          type: "unsupported",
          errors: [
            {
              code: 131_051,
              title: "Message type unknown",
              message: "Message type unknown",
              error_data: { details: "Message type is currently not supported." },
            },
          ],
          unsupported: { type: content.kind ?? "poll_creation" },
        },
        bubble: { type: "note", text: "A kind of message that businesses cannot receive" },
      };
    case "meta":
      return { message: content.message, bubble: { type: "note", text: "Raw message" } };
    default:
      return buildChange(frame, content);
  }
}

type MediaContent = Extract<CustomerContent, { base64?: string | undefined }>;

function buildMedia(media: MediaStore, content: MediaContent): BuiltMessage {
  const sample =
    content.type === "audio" && content.says !== undefined
      ? { bytes: buildVoiceNote(content.says), mimeType: "audio/ogg; codecs=opus" }
      : sampleMedia(content.type);
  const file = media.add({
    bytes: content.base64 === undefined ? sample.bytes : Buffer.from(content.base64, "base64"),
    mimeType: content.mimeType ?? sample.mimeType,
    filename: content.filename,
  });
  return {
    message: {
      type: content.type,
      [content.type]: {
        mime_type: file.mimeType,
        // Base64 in webhooks, hex in the answer of a look-up.
        sha256: Buffer.from(file.sha256, "hex").toString("base64"),
        id: file.id,
        ...(content.caption === undefined ? {} : { caption: content.caption }),
        ...(content.filename === undefined ? {} : { filename: content.filename }),
        ...(content.type === "audio" ? { voice: content.voice ?? true } : {}),
      },
    },
    bubble: {
      type: "media",
      media: content.type,
      url: `/sim/media/${file.id}`,
      caption: content.type === "audio" ? content.says : content.caption,
      filename: content.filename,
    },
  };
}

type ChoiceContent = Extract<
  CustomerContent,
  { type: "button-reply" | "list-reply" | "template-button" | "flow-reply" }
>;

function buildChoice(content: ChoiceContent): BuiltMessage {
  if (content.type === "template-button") {
    return {
      message: { type: "button", button: { text: content.text, payload: content.payload } },
      bubble: { type: "text", text: content.text },
    };
  }
  if (content.type === "flow-reply") {
    const reply = { name: "flow", body: "Sent", response_json: JSON.stringify(content.response) };
    return {
      message: { type: "interactive", interactive: { type: "nfm_reply", nfm_reply: reply } },
      bubble: { type: "note", text: "Form sent" },
    };
  }
  const type = content.type === "button-reply" ? "button_reply" : "list_reply";
  const { type: _, ...reply } = content;
  return {
    message: { type: "interactive", interactive: { type, [type]: reply } },
    bubble: { type: "text", text: content.title },
  };
}

type ChangeContent = Extract<
  CustomerContent,
  { type: "reaction" | "edit" | "revoke" | "number-changed" | "user-id-changed" }
>;

function buildChange({ customer }: MessageFrame, content: ChangeContent): BuiltMessage {
  switch (content.type) {
    case "reaction":
      return {
        message: {
          type: "reaction",
          reaction: {
            message_id: content.messageId,
            ...(content.emoji === undefined ? {} : { emoji: content.emoji }),
          },
        },
      };
    case "edit":
      return {
        message: {
          type: "edit",
          edit: {
            original_message_id: content.messageId,
            message: { type: "text", text: { body: content.text } },
          },
        },
      };
    case "revoke":
      return { message: { type: "revoke", revoke: { original_message_id: content.messageId } } };
    case "number-changed":
      return {
        message: {
          type: "system",
          system: {
            body: `User ${customer.name ?? ""} changed from ${customer.phone ?? ""} to ${content.phone}`,
            type: "user_changed_number",
            wa_id: content.phone.slice(1),
            ...(content.userId === undefined ? {} : { user_id: content.userId }),
            ...(customer.userId === null ? {} : { previous_user_id: customer.userId }),
          },
        },
        bubble: { type: "note", text: `New number: ${content.phone}` },
        withoutContact: true,
      };
    case "user-id-changed":
      return {
        message: {
          type: "system",
          system: {
            body: "User id changed",
            type: "user_changed_user_id",
            user_id: content.userId,
            ...(customer.userId === null ? {} : { previous_user_id: customer.userId }),
          },
        },
        bubble: { type: "note", text: "New user id" },
        withoutContact: true,
      };
  }
}
