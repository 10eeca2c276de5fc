import type {
  IdentityChange,
  InboundMessage,
  JsonObject,
  MessageChange,
  Person,
} from "#domain/webhook-event.ts";
import { parseContent } from "./parse-content.ts";
import { parseSystemMessage } from "./parse-identity-change.ts";
import { type ContactBook, isKnown, parsePerson } from "./parse-person.ts";
import { parseTimestamp } from "./parse-timestamp.ts";
import { readId, readObject } from "./read-json.ts";

/** What an item of `messages` needs from around it. */
export type MessageSurroundings = {
  readonly contacts: ContactBook;
  /** Stands in for a timestamp that cannot be read. */
  readonly receivedAt: Date;
};

/**
 * Reads one item of `messages`. Nothing if it has no id or nobody who sent it, or is a notice that
 * means nothing to us: such a message is in the recorded payload only.
 */
export function parseMessage(
  message: JsonObject,
  around: MessageSurroundings,
): InboundMessage | IdentityChange | MessageChange | undefined {
  const type = readId(message, "type");
  if (type === "system") return parseSystemMessage(message, around.receivedAt);

  const whatsappMessageId = readId(message, "id");
  const sender = around.contacts(
    parsePerson(message, {
      phone: "from",
      userId: "from_user_id",
      parentUserId: "from_parent_user_id",
    }),
  );
  if (whatsappMessageId === undefined || !isKnown(sender)) return undefined;

  const sentAt = parseTimestamp(message["timestamp"], around.receivedAt);
  const sent: SentMessage = { message, whatsappMessageId, sender, sentAt };
  if (type === "edit" || type === "revoke") return parseChange(type, sent);
  return parseInbound(sent);
}

type SentMessage = {
  readonly message: JsonObject;
  readonly whatsappMessageId: string;
  readonly sender: Person;
  readonly sentAt: Date;
};

function parseInbound(sent: SentMessage): InboundMessage {
  const { message, whatsappMessageId, sender, sentAt } = sent;
  const { content, answerable } = parseContent(message);
  const repliesTo = readId(readObject(message, "context"), "id");
  const groupId = readId(message, "group_id");
  return {
    kind: "message",
    whatsappMessageId,
    sender,
    sentAt,
    content,
    ...(repliesTo === undefined ? {} : { repliesTo }),
    ...(groupId === undefined ? {} : { groupId }),
    wantsAnswer: answerable && groupId === undefined,
  };
}

function parseChange(kind: "edit" | "revoke", sent: SentMessage): MessageChange | undefined {
  const { message, whatsappMessageId, sender, sentAt } = sent;
  const change = readObject(message, kind);
  const originalMessageId = readId(change, "original_message_id");
  if (originalMessageId === undefined) return undefined;

  const common = { whatsappMessageId, originalMessageId, sender, occurredAt: sentAt };
  if (kind === "revoke") return { kind, ...common };
  const { content } = parseContent(readObject(change, "message"));
  return { kind, ...common, content };
}
