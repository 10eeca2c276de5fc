import type { TurnHandler } from "#mailbox/turn-handler.ts";
import { endDuePauses } from "#store/conversations.ts";
import type { AppDatabase } from "#store/database.ts";

/** Name of the schedule and of its handler. */
export const PAUSES = "pauses";
/** A person waits at most so much longer than the pause lasts. */
const EVERY_MS = 30_000;
/** Pauses that end in one transaction at most. */
const BATCH = 100;

/**
 * Ends the pauses whose time is over, so that nobody waits for a colleague for ever. What the person is
 * told of it is sent by the conversation's own turn.
 */
export function createPauseSchedule(deps: { readonly db: AppDatabase }): TurnHandler {
  return {
    run: async () => {
      const ended = await endDuePauses(deps.db, BATCH);
      return { kind: "scheduled", nextMs: ended === BATCH ? 0 : EVERY_MS };
    },
    fail: async () => null,
  };
}
