import { AppError } from "#domain/errors.ts";
import type { KnowledgeSource } from "#domain/knowledge.ts";
import type { GuardedFetch } from "#providers/guarded-fetch/guarded-fetch.ts";
import type { ObjectStorage } from "#providers/object-storage/object-storage.ts";
import { hashBytes, originalKey } from "./upload-document.ts";

/** What reading an original needs. */
export type ReadOriginalDeps = {
  readonly storage: ObjectStorage;
  readonly guardedFetch: Pick<GuardedFetch, "fetch">;
};

/** What is noted of the original of a document. */
export type OriginalFacts = {
  readonly contentHash: string;
  readonly filePath: string;
  readonly sizeBytes: number;
  /** Pages only: what their server said. */
  readonly url: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
};

/** The original of a document, as it is now. */
export type OriginalContent = OriginalFacts & {
  readonly kind: "content";
  readonly bytes: Uint8Array;
  /** Pages only. */
  readonly charset: string | null;
};

/**
 * Gets the original from the storage, or the page from its server. A page goes to the storage too, so
 * that it can be read again when it is gone.
 * @param known what its server said last time; null asks for the page in any case.
 */
export async function readOriginal(
  deps: ReadOriginalDeps,
  source: KnowledgeSource,
  options: {
    readonly known: Pick<KnowledgeSource, "etag" | "lastModified"> | null;
    readonly signal: AbortSignal;
  },
): Promise<OriginalContent | { readonly kind: "unchanged" }> {
  if (source.url === null) return readUpload(deps, source);
  const page = await deps.guardedFetch.fetch({
    url: source.url,
    etag: options.known?.etag ?? null,
    lastModified: options.known?.lastModified ?? null,
    signal: options.signal,
  });
  if (page.kind === "unchanged") return page;
  const contentHash = hashBytes(page.bytes);
  const filePath =
    contentHash === source.contentHash && source.filePath !== null
      ? source.filePath
      : originalKey(source, { name: source.id, bytes: page.bytes });
  if (filePath !== source.filePath) await deps.storage.put(filePath, page.bytes);
  return {
    kind: "content",
    bytes: page.bytes,
    sizeBytes: page.bytes.length,
    contentHash,
    filePath,
    url: page.finalUrl,
    charset: page.charset,
    etag: page.etag,
    lastModified: page.lastModified,
  };
}

async function readUpload(
  deps: ReadOriginalDeps,
  source: KnowledgeSource,
): Promise<OriginalContent> {
  if (source.filePath === null) throw new AppError("NOT_FOUND", "This document has no original.");
  const bytes = await deps.storage.get(source.filePath);
  return {
    kind: "content",
    bytes,
    sizeBytes: bytes.length,
    contentHash: hashBytes(bytes),
    filePath: source.filePath,
    url: null,
    charset: null,
    etag: null,
    lastModified: null,
  };
}
