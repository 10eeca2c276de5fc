import { Worker } from "node:worker_threads";
import type { DocumentBlock, DocumentChunk } from "#domain/document.ts";
import { splitDocument } from "#knowledge/split/split-document.ts";

/**
 * Characters that are cut at once: some ten milliseconds. A manual of 700 pages takes half a second,
 * in which no webhook would be answered.
 */
const CHARACTERS_AT_ONCE = 50_000;

/** Cuts a document into passages; a long one in a thread of its own, so that nobody waits for it. */
export async function splitOffThread(
  blocks: readonly DocumentBlock[],
  signal: AbortSignal,
): Promise<readonly DocumentChunk[]> {
  const characters = blocks.reduce((sum, { text }) => sum + text.length, 0);
  if (characters <= CHARACTERS_AT_ONCE) return splitDocument(blocks);
  const worker = new Worker(new URL("split-worker.ts", import.meta.url));
  const done = Promise.withResolvers<readonly DocumentChunk[]>();
  const stop = (): void => done.reject(signal.reason);
  worker.once("message", (chunks: readonly DocumentChunk[]) => done.resolve(chunks));
  worker.once("error", done.reject);
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    worker.postMessage(blocks);
    return await done.promise;
  } finally {
    signal.removeEventListener("abort", stop);
    await worker.terminate();
  }
}
