import type { HumanEcho, JsonObject } from "#domain/webhook-event.ts";
import { parseContent } from "./parse-content.ts";
import type { MessageSurroundings } from "./parse-message.ts";
import { isKnown, parsePerson } from "./parse-person.ts";
import { parseTimestamp } from "./parse-timestamp.ts";
import { readId } from "./read-json.ts";

/** What the business's person may do in the app without having answered anybody. */
const NOT_AN_ANSWER = ["edit", "revoke", "reaction", "system"];

/**
 * Reads one item of `message_echoes`: what the business's own person wrote in the WhatsApp app.
 * Nothing if it is no answer to one person (an edit, a reaction, a message to a group) or if it
 * lacks its id or recipient.
 */
export function parseEcho(echo: JsonObject, around: MessageSurroundings): HumanEcho | undefined {
  const { content } = parseContent(echo);
  const whatsappMessageId = readId(echo, "id");
  const recipient = around.contacts(
    parsePerson(echo, {
      phone: "to",
      userId: "to_user_id",
      parentUserId: "to_parent_user_id",
    }),
  );
  if (whatsappMessageId === undefined || !isKnown(recipient)) return undefined;
  if (NOT_AN_ANSWER.includes(content.type)) return undefined;
  if (readId(echo, "group_id") !== undefined) return undefined;

  const sentAt = parseTimestamp(echo["timestamp"], around.receivedAt);
  return { kind: "echo", whatsappMessageId, recipient, sentAt, content };
}
