import { parentPort } from "node:worker_threads";
import type { DocumentBlock } from "#domain/document.ts";
import { splitDocument } from "#knowledge/split/split-document.ts";

// The thread of split-off-thread.ts: blocks in, passages out.
parentPort?.once("message", (blocks: readonly DocumentBlock[]) => {
  parentPort?.postMessage(splitDocument(blocks));
});
