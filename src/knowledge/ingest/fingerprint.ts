import { createHash } from "node:crypto";
import type { DocumentChunk } from "#domain/document.ts";

/** A document's passages, and what goes with all of them. */
export type Passages = {
  /** What the document calls itself, or else its name. */
  readonly title: string;
  readonly chunks: readonly DocumentChunk[];
};

/** Raise it when the same passages shall be embedded or found in another way than before. */
const RECIPE = 1;

/**
 * What tells two texts apart for every search: the same fingerprint means that nothing needs to be
 * embedded again.
 */
export function fingerprint({ title, chunks }: Passages): string {
  const hash = createHash("sha256").update(JSON.stringify([RECIPE, title]));
  for (const { text, headings, page } of chunks)
    hash.update(JSON.stringify([text, headings, page]));
  return hash.digest("hex");
}
