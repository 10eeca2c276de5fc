import { setImmediate as giveWay } from "node:timers/promises";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { z } from "zod";
import type { KnowledgeSource } from "#domain/knowledge.ts";
import { objectKey, type ObjectStorage } from "#providers/object-storage/object-storage.ts";
import type { DocumentRun } from "./document-handler.ts";
import type { ReadDocument } from "./read-document.ts";
import type { OriginalFacts } from "./read-original.ts";

/** What keeping needs. */
export type KeptReadingDeps = { readonly storage: ObjectStorage };

/** A document that was fetched, read and split, and is still to be embedded. */
export type Reading = { readonly content: OriginalFacts; readonly document: ReadDocument };

/** Passages that are turned into text, or back, at once: about a millisecond. */
const PASSAGES_AT_ONCE = 100;

/**
 * Keeps a reading beside the document's original, for the attempts that follow in the same turn. Only a
 * turn that has to wait pays for it; one object for each document, over the one before.
 */
export async function keepReading(
  deps: KeptReadingDeps,
  run: DocumentRun,
  { content, document }: Reading,
): Promise<void> {
  const { chunks, ...about } = document;
  const lines = [JSON.stringify({ belongsTo: markOf(run), content, about })];
  for (const [index, chunk] of chunks.entries()) {
    if (index % PASSAGES_AT_ONCE === 0) await giveWay();
    lines.push(JSON.stringify(chunk));
  }
  await deps.storage.put(keyOf(run.source), await promisify(gzip)(lines.join("\n")));
}

/** The reading that an earlier attempt of this turn has kept; null: read the document. */
export async function findReading(
  deps: KeptReadingDeps,
  run: DocumentRun,
): Promise<Reading | null> {
  // Only a turn that has waited has kept one.
  if (run.source.errorCode?.startsWith("MODEL_") !== true) return null;
  try {
    const packed = await deps.storage.get(keyOf(run.source));
    const lines = (await promisify(gunzip)(packed)).toString().split("\n");
    return await parse(lines, markOf(run));
  } catch {
    return null; // reading once more costs only time, so nothing that is wrong here matters
  }
}

async function parse(
  [head = "", ...passages]: readonly string[],
  mark: string,
): Promise<Reading | null> {
  const { belongsTo, content, about } = Head.parse(JSON.parse(head));
  if (belongsTo !== mark) return null;
  const chunks: Chunk[] = [];
  for (const [index, passage] of passages.entries()) {
    if (index % PASSAGES_AT_ONCE === 0) await giveWay();
    chunks.push(Chunk.parse(JSON.parse(passage)));
  }
  return { content, document: { ...about, chunks } };
}

/** Removes what was kept, if there is anything. */
export function dropReading(
  deps: KeptReadingDeps,
  source: Pick<KnowledgeSource, "organizationId" | "chatbotId" | "id">,
): Promise<void> {
  return deps.storage.remove(keyOf(source));
}

function keyOf(source: Pick<KnowledgeSource, "organizationId" | "chatbotId" | "id">): string {
  return objectKey(source.organizationId, source.chatbotId, `${source.id}-reading`);
}

/** Another turn, or a document that was replaced while this one waits, is to be read anew. */
function markOf({ session, source }: DocumentRun): string {
  return `${session.turn.turnId} ${source.jobId ?? ""}`;
}

const Head = z.object({
  belongsTo: z.string(),
  content: z.object({
    contentHash: z.string(),
    filePath: z.string(),
    sizeBytes: z.number(),
    url: z.string().nullable(),
    etag: z.string().nullable(),
    lastModified: z.string().nullable(),
  }),
  about: z.object({
    title: z.string(),
    fingerprint: z.string(),
    language: z.string().nullable(),
    sourceType: z.string(),
    mediaType: z.string().nullable(),
    pages: z.number().nullable(),
    warning: z.string().nullable(),
  }),
});

const Chunk = z.object({
  position: z.number(),
  text: z.string(),
  headings: z.array(z.string()),
  page: z.number().nullable(),
  startOffset: z.number(),
  endOffset: z.number(),
});
type Chunk = z.infer<typeof Chunk>;
