import type { Logger } from "#platform/logger.ts";
import type { Database } from "#store/database.ts";
import { notifyWorkers } from "#store/mailboxes.ts";

/** Tells the workers that something was posted. */
export type Notifier = {
  /** After the commit of a post. Returns at once; many calls become few notifications. */
  readonly posted: () => void;
};

/**
 * Wakes the worker of this process directly and those of other processes through the database, with
 * one notification under way at a time. A lost one costs a poll interval, nothing more.
 */
export function createNotifier(deps: {
  readonly database: Database;
  readonly logger: Logger;
  readonly wakeLocal: () => void;
}): Notifier {
  let notifying = false;
  let again = false;
  const notify = async (): Promise<void> => {
    notifying = true;
    do {
      again = false;
      await notifyWorkers(deps.database.db).catch((error: unknown) =>
        deps.logger.debug({ error }, "notification failed"),
      );
    } while (again);
    notifying = false;
  };
  return {
    posted: () => {
      deps.wakeLocal();
      if (deps.database.kind === "embedded") return;
      again = true;
      if (!notifying) void notify();
    },
  };
}
