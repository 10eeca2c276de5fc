import { z } from "zod";
import { CUSTOMER_SENT, MEDIA_WORDS } from "#domain/media-words.ts";

/** What a message of a customer that is more than text amounts to, for the demo model. */
export type DemoNote = {
  /** What it can do nothing with, if there is such a thing. */
  readonly kind: "picture" | "voice" | "file" | "other" | null;
  /** A document that it can quote from. */
  readonly document: { readonly name: string; readonly text: string } | null;
  /** What the customer said or wrote with it. */
  readonly words: string;
};

const Document = z.object({
  document: z.object({ name: z.string().default(""), text: z.string().default("") }),
});
const Tapped = z.union([
  z.object({ button: z.object({ title: z.string() }) }).transform(({ button }) => button.title),
  z.object({ choice: z.object({ title: z.string() }) }).transform(({ choice }) => choice.title),
]);

/** Which message it answers. */
const ANSWERED = /^\[(?:Answering|Quoting) [^\n]*\]\n/;
/** A note, perhaps with data, and then words. */
const NOTE = /^(\[The customer [^\n]*\])(?:\n<data>(.*)<\/data>)?(?:\n([^]*))?$/;

/** Takes apart what the prompt says of a message: its note, its data and its words. */
export function readDemoNote(text: string): DemoNote {
  const message = text.replace(ANSWERED, "");
  const [, note, data = "", words = ""] = NOTE.exec(message) ?? [];
  if (note === undefined) return { kind: null, document: null, words: message };
  const value = parseData(data);
  const { document } = Document.safeParse(value).data ?? {};
  if (document !== undefined && document.text !== "") return { kind: null, document, words };
  const tapped = Tapped.safeParse(value).data;
  if (tapped !== undefined) return { kind: null, document: null, words: tapped };
  if (isAbout(note, "audio") && words !== "") return { kind: null, document: null, words };
  return { kind: kindOf(note), document: null, words };
}

function kindOf(note: string): DemoNote["kind"] {
  if (isAbout(note, "image")) return "picture";
  if (isAbout(note, "audio")) return "voice";
  return isAbout(note, "document") || isAbout(note, "video") || isAbout(note, "sticker")
    ? "file"
    : "other";
}

function isAbout(note: string, type: string): boolean {
  return note.startsWith(`${CUSTOMER_SENT}${MEDIA_WORDS[type] ?? "?"}`);
}

function parseData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
