import type { TurnHandler } from "#mailbox/turn-handler.ts";
import type { AppDatabase } from "#store/database.ts";
import { postDueSyncs } from "#store/document-mailbox.ts";

/** Name of the schedule and of its handler. */
export const KNOWLEDGE_SYNC = "knowledge-sync";

const EVERY_MS = 60_000;
/** Pages posted in one run, so that a platform with thousands of them spreads its visits. */
const POSTED_MAX = 200;

/** Every minute: posts the pages that are due for another look. */
export function createSyncSchedule(deps: { readonly db: AppDatabase }): TurnHandler {
  return {
    run: async () => {
      const posted = await postDueSyncs(deps.db, POSTED_MAX);
      return { kind: "scheduled", nextMs: posted === POSTED_MAX ? 1_000 : EVERY_MS };
    },
    fail: async () => null,
  };
}
