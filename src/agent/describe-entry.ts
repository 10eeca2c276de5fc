import type { HistoryEntry } from "#domain/conversation.ts";
import { MEDIA_WORDS, OTHER_WORD } from "#domain/media-words.ts";
import { isMediaType } from "#domain/media.ts";
import { asOwnWords } from "./as-own-words.ts";
import { describeData } from "./describe-data.ts";
import { describeFile, type Place } from "./describe-file.ts";
import { describeAnswered, describeOffer } from "./describe-offer.ts";

/** Who sent what, as a note names them. */
export type Sender = "The customer" | "You" | "The colleague";

/**
 * A message as a model reads it: which one it answers, its words, for all that is no text a note, and
 * what it offered.
 */
export function describeEntry(given: HistoryEntry, sender: Sender, place: Place): string {
  const entry = sender === "The customer" ? inOwnWords(given) : given;
  const said = describeSaid(entry, sender, place);
  return [describeAnswered(entry), said, describeOffer(entry)]
    .filter((part) => part !== null)
    .join("\n");
}

function inOwnWords(entry: HistoryEntry): HistoryEntry {
  const { media } = entry;
  const text = asOwnWords(entry.text);
  if (media?.kind !== "audio" || media.text === null) return { ...entry, text };
  return { ...entry, text, media: { ...media, text: asOwnWords(media.text) } };
}

function describeSaid(entry: HistoryEntry, sender: Sender, place: Place): string {
  if (sender === "The customer") {
    if (isMediaType(entry.type)) return describeFile(entry, place);
    const described = describeData(entry);
    if (described !== null) return described;
  }
  const text = entry.text.trim();
  if (TEXT_TYPES.has(entry.type) && text !== "") return text;
  const note = `[${sender} sent ${MEDIA_WORDS[entry.type] ?? OTHER_WORD}]`;
  return text === "" ? note : `${note}\n${text}`;
}

/** Meta's types that are words already. */
const TEXT_TYPES = new Set(["text", "button", "interactive"]);
