/** Meta's rule: free text only within 24 hours of the person's last message. */
const WINDOW_MS = 24 * 60 * 60 * 1_000;

/** Whether a message that nobody asked for may go out, and if not, why. */
export type WritingFirst = "allowed" | "opted out" | "window closed";

/**
 * The one check that whatever is sent without being asked for must pass: the person has not opted out,
 * and WhatsApp lets it through, a template at any time and free text within its 24 hours. An answer to
 * what the person wrote needs no such leave.
 * @param text of free text: the time of the person's newest message (ISO 8601) and now; null: a template.
 */
export function mayWriteFirst(
  contact: { readonly isOptedOut: boolean },
  text: { readonly newestMessageAt: string; readonly now: Date } | null,
): WritingFirst {
  if (contact.isOptedOut) return "opted out";
  return text === null || isWindowOpen(text) ? "allowed" : "window closed";
}

/** Whether WhatsApp still takes free text for the person. */
export function isWindowOpen(text: {
  readonly newestMessageAt: string;
  readonly now: Date;
}): boolean {
  return text.now.getTime() - Date.parse(text.newestMessageAt) < WINDOW_MS;
}
