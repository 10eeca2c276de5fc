import type { TurnHandler } from "#mailbox/turn-handler.ts";
import type { Logger } from "#platform/logger.ts";
import type { ObjectStorage } from "#providers/object-storage/object-storage.ts";
import type { AppDatabase } from "#store/database.ts";
import { expireMedia, forgetObsoleteMedia, listObsoleteMedia } from "#store/message-media.ts";

/** What letting go of files needs. */
export type RetentionDeps = {
  readonly db: AppDatabase;
  readonly storage: Pick<ObjectStorage, "remove">;
  readonly logger: Logger;
  /** How long files of customers are kept. */
  readonly retentionDays: number;
};

/** Name of the schedule and of its handler. */
export const MEDIA_RETENTION = "media-retention";

const EVERY_MS = 60 * 60 * 1_000;
/** Files removed in one run, so that whatever has piled up holds nobody up. */
const FILES_MAX = 500;
const SOON_MS = 1_000;

/**
 * Every hour: lets go of files past their days, and removes from the storage what nothing refers to any
 * more: those, and the files of messages, people and chatbots that were deleted. A storage that does not
 * answer is asked again in the next run.
 */
export function createRetentionSchedule(deps: RetentionDeps): TurnHandler {
  return {
    run: async (session) => {
      const expired = await expireMedia(deps.db, { days: deps.retentionDays, limit: FILES_MAX });
      const keys = await listObsoleteMedia(deps.db, FILES_MAX);
      const removed = await removeFiles(deps, session.signal, keys);
      await forgetObsoleteMedia(deps.db, removed);
      const isMore = expired === FILES_MAX || removed.length === FILES_MAX;
      return { kind: "scheduled", nextMs: isMore ? SOON_MS : EVERY_MS };
    },
    fail: async () => null,
  };
}

/** @returns the keys of those that are gone. */
async function removeFiles(
  { storage, logger }: RetentionDeps,
  signal: AbortSignal,
  keys: readonly string[],
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const key of keys) {
    if (signal.aborted) break;
    try {
      await storage.remove(key);
      removed.push(key);
    } catch (error) {
      logger.warn({ error, waiting: keys.length - removed.length }, "files not removed");
      break;
    }
  }
  return removed;
}
