import { AppError } from "#domain/errors.ts";
import type { KnowledgeSource } from "#domain/knowledge.ts";
import type { extractDocument } from "#knowledge/extract/extract-document.ts";
import { EXTRACTORS } from "#knowledge/extract/extractors.ts";
import { mostUsedLanguage } from "#language/most-used-language.ts";
import { fingerprint, type Passages } from "./fingerprint.ts";
import type { OriginalContent } from "./read-original.ts";
import { splitOffThread } from "./split-off-thread.ts";

/** What reading a document needs. */
export type ReadDocumentDeps = { readonly extract: typeof extractDocument };

/** A document's passages, and what is known of it. */
export type ReadDocument = Passages & {
  readonly fingerprint: string;
  /** ISO 639-1; null: nobody can tell. */
  readonly language: string | null;
  readonly sourceType: string;
  readonly mediaType: string | null;
  readonly pages: number | null;
  readonly warning: string | null;
};

/**
 * Reads a document's text in a process of its own and cuts it into passages.
 * @throws AppError of the DOCUMENT_… codes, with a sentence for its admin.
 */
export async function readDocument(
  deps: ReadDocumentDeps,
  source: KnowledgeSource,
  original: {
    readonly content: OriginalContent;
    readonly signal: AbortSignal;
    readonly onExtracted: () => Promise<void>;
  },
): Promise<ReadDocument> {
  const { content, signal } = original;
  const { bytes, url, charset } = content;
  const outcome = await deps.extract(
    { bytes, url, charset, name: source.url === null ? source.name : null },
    { signal },
  );
  if (outcome.kind === "failed") throw outcome.error;
  await original.onExtracted();
  const { document, type } = outcome;
  const chunks = await splitOffThread(document.blocks, signal);
  if (chunks.length === 0)
    throw new AppError(
      "DOCUMENT_EMPTY",
      "The document has no text. Check that it is the right one, and upload it again.",
    );
  const extractor = EXTRACTORS.find((known) => known.type === type);
  const passages = { title: document.title?.trim() || source.name, chunks };
  return {
    ...passages,
    fingerprint: fingerprint(passages),
    language: await mostUsedLanguage(chunks.map(({ text }) => text)),
    sourceType: source.url === null ? (extractor?.sourceType ?? source.sourceType) : "url",
    mediaType: extractor?.mediaType ?? null,
    pages: document.pages,
    warning: document.warnings.length === 0 ? null : document.warnings.join(" "),
  };
}
