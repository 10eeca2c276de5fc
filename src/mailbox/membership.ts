import type { Clock } from "#platform/clock.ts";
import type { Logger } from "#platform/logger.ts";
import type { Database, DatabaseSession } from "#store/database.ts";
import {
  beatWorker,
  leaveEmbedded,
  registerWorker,
  sweepDeadWorkers,
  takeOverEmbedded,
  unregisterWorker,
} from "#store/workers.ts";

/** What being a known worker needs. */
export type MembershipDeps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newId: () => string;
  readonly random: () => number;
};

export type MembershipOptions = {
  /** How often the worker shows that it lives, and looks for dead ones. */
  readonly beatMs: number;
  /** A worker without a beat for so long is dead to the others. */
  readonly deadAfterMs: number;
  /** Called when there may be work: a notification, or mailboxes that were freed. */
  readonly onWork: () => void;
};

/**
 * One life of a worker in the eyes of the others. When it is lost (connection cut, declared dead),
 * everything that it does must stop; a new life has a new id.
 */
export type Membership = {
  readonly workerId: string;
  /** Whether the last good beat is recent enough to act outside. */
  readonly isAlive: () => boolean;
  /** Resolves when this life has ended by itself. */
  readonly lost: Promise<void>;
  readonly leave: () => Promise<void>;
};

/** Share of `deadAfterMs` after which a worker stops trusting its own life: before the others do. */
const TRUST_SHARE = 0.6;
/** Advisory lock numbers are positive 32-bit integers. */
const LOCK_KEYS = 2 ** 31 - 1;

/** Joins the workers of this database. */
export async function joinWorkers(
  deps: MembershipDeps,
  options: MembershipOptions,
): Promise<Membership> {
  const workerId = deps.newId();
  if (deps.database.openSession === null) {
    await takeOverEmbedded(deps.database.db, workerId);
    const leave = () => leaveEmbedded(deps.database.db, workerId).catch(() => {}); // the next one takes over
    return { workerId, isAlive: () => true, lost: new Promise(() => {}), leave };
  }
  const session = await deps.database.openSession();
  await registerWorker(session, { id: workerId, lockKey: Math.floor(deps.random() * LOCK_KEYS) });
  return keepAlive(deps, options, { workerId, session });
}

function keepAlive(
  deps: MembershipDeps,
  options: MembershipOptions,
  member: { readonly workerId: string; readonly session: DatabaseSession },
): Membership {
  const { workerId, session } = member;
  const ended = Promise.withResolvers<void>();
  let lastBeatMs = deps.clock.monotonicMs();
  let beating = false;

  const beat = async (): Promise<void> => {
    if (beating) return; // the database is slow: one question at a time
    beating = true;
    try {
      const startedMs = deps.clock.monotonicMs();
      if (!(await beatWorker(session, workerId))) {
        deps.logger.error({ workerId }, "worker was declared dead");
        ended.resolve();
        return;
      }
      lastBeatMs = startedMs;
      const freed = await sweepDeadWorkers(session, workerId, options.deadAfterMs);
      if (freed > 0) deps.logger.warn({ workerId, freed }, "took over turns of a dead worker");
      if (freed > 0) options.onWork();
    } catch (error) {
      deps.logger.warn({ workerId, error }, "heartbeat failed");
    } finally {
      beating = false;
    }
  };

  session.onNotification(options.onWork);
  session.onLost(() => ended.resolve());
  const timer = setInterval(() => void beat(), options.beatMs);
  void beat();
  void ended.promise.then(() => clearInterval(timer));
  return {
    workerId,
    isAlive: () => deps.clock.monotonicMs() - lastBeatMs < options.deadAfterMs * TRUST_SHARE,
    lost: ended.promise,
    leave: async () => {
      clearInterval(timer);
      await unregisterWorker(session, workerId).catch(() => {}); // the sweep of others does it otherwise
      await session.close().catch(() => {});
    },
  };
}
