import type { ConversationContext } from "#domain/conversation.ts";
import { WINDOW_MS } from "./send-reply.ts";

/** Whether the bot may write without having been asked, and if not, why. */
export type WritingFirst = "allowed" | "opted out" | "window closed";

/**
 * The one check that whatever the bot writes by itself must pass: the person has not opted out, and
 * WhatsApp lets free text through. An answer to what the person wrote needs no such leave.
 */
export function mayWriteFirst(
  context: Pick<ConversationContext, "contact" | "newestMessageAt">,
  now: Date,
): WritingFirst {
  if (context.contact.isOptedOut) return "opted out";
  const ageMs = now.getTime() - Date.parse(context.newestMessageAt);
  return ageMs < WINDOW_MS ? "allowed" : "window closed";
}
