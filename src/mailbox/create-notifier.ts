import type { Clock } from "#platform/clock.ts";
import type { Logger } from "#platform/logger.ts";
import type { Database } from "#store/database.ts";
import { notifyWorkers } from "#store/mailboxes.ts";

/** Tells the workers that something was posted. */
export type Notifier = {
  /** After the commit of a post. Returns at once; many calls become few notifications. */
  readonly posted: () => void;
};

/** Each notification is a transaction, here and in every worker that hears it. They claim no oftener anyway. */
const BETWEEN_NOTIFICATIONS_MS = 20;

/**
 * Wakes the worker of this process directly and those of other processes through the database, the first
 * time at once and then no oftener than every 20 ms. A lost notification costs a poll interval, nothing more.
 */
export function createNotifier(deps: {
  readonly database: Database;
  readonly clock: Pick<Clock, "sleep">;
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
      await deps.clock.sleep(BETWEEN_NOTIFICATIONS_MS);
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
