import { z } from "zod";
import { ChatbotId, OrganizationId } from "./ids.ts";

/** A document of a chatbot's knowledge: an upload or a page. */
export const SourceId = z.uuid().brand<"SourceId">();
export type SourceId = z.infer<typeof SourceId>;

/** How a document stands. What it held before stays searchable until new content is whole. */
export const SOURCE_STATUSES = ["pending", "processing", "synced", "failed"] as const;
export type SourceStatus = (typeof SOURCE_STATUSES)[number];

/** What is being done to a document. */
export type SourceStep = "fetch" | "extract" | "split" | "embed" | "store";

/** Largest document, in bytes, as specified. */
export const DOCUMENT_BYTES_MAX = 10 * 1024 * 1024;

/** A document as the pipeline and the commands read it. Times are ISO 8601. */
export const KnowledgeSource = z.object({
  id: SourceId,
  organizationId: OrganizationId,
  chatbotId: ChatbotId,
  sourceType: z.string(),
  name: z.string(),
  title: z.string().nullable(),
  /** What most of it is written in, ISO 639-1; null: not known. */
  language: z.string().nullable(),
  url: z.string().nullable(),
  /** Key of the original in object storage; null for a page that was never fetched. */
  filePath: z.string().nullable(),
  mediaType: z.string().nullable(),
  sizeBytes: z.number().nullable(),
  pages: z.number().nullable(),
  status: z.enum(SOURCE_STATUSES),
  step: z.enum(["fetch", "extract", "split", "embed", "store"]).nullable(),
  chunksDone: z.number(),
  chunksTotal: z.number().nullable(),
  /** Passages that searches see now. */
  chunks: z.number(),
  /** Tries since the last progress. */
  attempts: z.number(),
  errorCode: z.string().nullable(),
  /** Why it failed, or what is not as it should be, in a sentence for the admin. */
  reason: z.string().nullable(),
  contentHash: z.string().nullable(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  jobId: z.string().nullable(),
  syncIntervalMinutes: z.number().nullable(),
  nextSyncAt: z.string().nullable(),
  checkedAt: z.string().nullable(),
  syncedAt: z.string().nullable(),
  removedAt: z.string().nullable(),
  createdAt: z.string(),
});
export type KnowledgeSource = z.infer<typeof KnowledgeSource>;

/** What is asked of a document's mailbox. Holds ids and keys only. */
export const DocumentTask = z.object({
  /**
   * `ingest`: read the original or page anew. `sync`: look whether the page has changed. `reembed`:
   * prepare a version for the chatbot's next embedding model.
   */
  kind: z.enum(["ingest", "sync", "reembed"]),
  jobId: z.string().nullable().default(null),
  /** Key of an original that nothing refers to any more. */
  obsoleteFile: z.string().nullable().default(null),
});
export type DocumentTask = z.infer<typeof DocumentTask>;

/** What is asked of a chatbot's sweep: to remove passages and documents that no search needs any more. */
export const SweepTask = z.object({ obsoleteFile: z.string().nullable().default(null) });
export type SweepTask = z.infer<typeof SweepTask>;

/** The mailbox of a document: one thing at a time happens to it. */
export const documentMailbox = (id: SourceId): string => `document:${id}`;

/** The mailbox that tidies up behind a chatbot's documents. */
export const sweepMailbox = (id: ChatbotId): string => `knowledge-sweep:${id}`;
