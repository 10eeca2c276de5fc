import type { TurnHandler } from "#mailbox/turn-handler.ts";
import type { Logger } from "#platform/logger.ts";
import { isDatabaseAway } from "#store/database.ts";
import { keepOwnIndexes, type KeepOwnIndexesDeps, OWN_INDEX_LIMITS } from "./keep-own-indexes.ts";

/** Name of the schedule and of its handler. */
export const KNOWLEDGE_INDEX = "knowledge-index";

const EVERY_MS = 60 * 60 * 1_000;

/** Every hour: builds the own indexes of chatbots that have grown, and drops those of others. */
export function createIndexSchedule(
  deps: KeepOwnIndexesDeps & { readonly logger: Pick<Logger, "info" | "error"> },
): TurnHandler {
  return {
    run: async ({ signal }) => {
      try {
        await keepOwnIndexes(deps, OWN_INDEX_LIMITS, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (isDatabaseAway(error)) throw error;
        // Searches are right without it, only slower: a full disk is no reason to give the schedule up.
        deps.logger.error({ error }, "chatbots' own indexes not kept");
      }
      return { kind: "scheduled", nextMs: EVERY_MS };
    },
    fail: async () => null,
  };
}
