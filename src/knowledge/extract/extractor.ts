import type { DocumentBlock } from "#domain/document.ts";
import type { ExtractionLimits } from "./extraction-limits.ts";

/** A document as it came in. */
export type DocumentFile = {
  readonly bytes: Uint8Array;
  /** Only decides between kinds of text that look alike (Markdown, CSV); null where there is none. */
  readonly name: string | null;
  /** Where the page was fetched from, for its relative links; null for uploads. */
  readonly url: string | null;
  /** The character set that a page's server named; null where nobody named one. */
  readonly charset: string | null;
};

/** A document and what a look at its outside told; enough to know its type. */
export type InspectedFile = DocumentFile & {
  /** Names of the files in it if it is a zip file, else empty. */
  readonly zipEntries: readonly string[];
  /** Names of the topmost streams in it if it is an OLE compound file (doc, xls, msg …), else empty. */
  readonly oleStreams: readonly string[];
  /** The beginning of its text; null if the bytes are no text. */
  readonly textStart: string | null;
};

/** What extraction found in a document. */
export type ExtractedDocument = {
  readonly title: string | null;
  /** null where the format has no pages, or does not say how many. */
  readonly pages: number | null;
  /** In reading order. */
  readonly blocks: readonly DocumentBlock[];
  /** What the admin should know about a document that was read nevertheless. */
  readonly warnings: readonly string[];
};

/**
 * One type of document. Adding one means one file that exports such an object, and one line in
 * extractors.ts.
 */
export type Extractor = {
  readonly type: string;
  /** `knowledge_sources.source_type` of an upload of this type. */
  readonly sourceType: string;
  readonly mediaType: string;
  /** Looks at the bytes; the name counts only between kinds of text. */
  readonly recognises: (file: InspectedFile) => boolean;
  /**
   * Runs in a process of its own, which a hang, a crash or too much memory ends. Throws document
   * errors; whatever else it throws means that the file is damaged. Loads its packages itself, so
   * that the other types cost nothing.
   */
  readonly extract: (file: InspectedFile, limits: ExtractionLimits) => Promise<ExtractedDocument>;
};
