import type { HistoryEntry } from "#domain/conversation.ts";

/** The texts that give a customer's language away: what they wrote or said. A button's is the business's. */
export function ownWords(
  entries: readonly Pick<HistoryEntry, "type" | "text">[],
): readonly string[] {
  return entries.filter(({ type }) => !TAPPED.has(type)).map(({ text }) => text);
}

const TAPPED = new Set(["button", "interactive"]);
