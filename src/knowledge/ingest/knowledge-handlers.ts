import { extractDocument } from "#knowledge/extract/extract-document.ts";
import type { TurnHandler } from "#mailbox/turn-handler.ts";
import { createDocumentHandler, type DocumentHandlerDeps } from "./document-handler.ts";
import { createSweepHandler } from "./sweep-handler.ts";
import { createSyncSchedule, KNOWLEDGE_SYNC } from "./sync-schedule.ts";

/** The parts of the handlers' needs that are the same everywhere. */
export type KnowledgeHandlersDeps = Omit<DocumentHandlerDeps, "extract" | "firstWaitMs">;

/** An embedding service that asks to slow down mostly means seconds. */
const FIRST_WAIT_MS = 2_000;

/** The mailboxes of the knowledge, by the names of their handlers. */
export function createKnowledgeHandlers(
  deps: KnowledgeHandlersDeps,
): ReadonlyArray<readonly [name: string, handler: TurnHandler]> {
  const whole = { ...deps, extract: extractDocument, firstWaitMs: FIRST_WAIT_MS };
  return [
    ["document", createDocumentHandler(whole)],
    ["knowledge-sweep", createSweepHandler(whole)],
    [KNOWLEDGE_SYNC, createSyncSchedule(whole)],
  ];
}
