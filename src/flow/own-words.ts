import type { HistoryEntry } from "#domain/conversation.ts";

/** Their text is the business's: a button or a row of a list that was tapped. */
const TAPPED = new Set(["button", "interactive"]);

/** What the customer wrote or said in their own words. */
export function ownWords(
  entries: ReadonlyArray<Pick<HistoryEntry, "type" | "text">>,
): readonly string[] {
  return entries.filter(({ type }) => !TAPPED.has(type)).map(({ text }) => text);
}
