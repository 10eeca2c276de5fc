import { AppError } from "#domain/errors.ts";
import type { Turn } from "#domain/turn.ts";
import type { Metrics } from "#platform/metrics.ts";
import { isDatabaseAway } from "#store/database.ts";
import { checkpointSteps, claimTurns, freeUnknownTurns, type TurnOwner } from "#store/mailboxes.ts";
import { joinWorkers, type Membership, type MembershipDeps } from "./membership.ts";
import { runTurn, type RunTurnDeps } from "./run-turn.ts";
import { createTurnSession } from "./turn-session.ts";

export type WorkerDeps = MembershipDeps &
  Omit<RunTurnDeps, "db"> & { readonly metrics: Pick<Metrics, "turnEnded"> };

export type WorkerOptions = {
  /** Turns that run at once in this process; most of their time is waiting for a model. */
  readonly places: number;
  /** Turns of one organization that run at once, over all workers (a soft cap). */
  readonly organizationCap: number;
  /** Safety net for notifications that got lost. */
  readonly pollMs: number;
  readonly beatMs: number;
  readonly deadAfterMs: number;
  /** How long a stop waits for running turns before it hands them over. */
  readonly drainMs: number;
};

/** Sensible values; see docs/operate for when to change them. */
export const WORKER_DEFAULTS: WorkerOptions = {
  places: 50,
  organizationCap: 20,
  pollMs: 1_000,
  beatMs: 500,
  deadAfterMs: 6_000,
  drainMs: 20_000,
};

/** A worker: claims turns and runs them, until it is stopped. */
export type Worker = {
  /** Looks for work now. */
  readonly wake: () => void;
  /** Turns under way in this process. */
  readonly running: () => number;
  /** Whether the worker is known to the database and may claim. */
  readonly isReady: () => boolean;
  /** Finishes what runs, or hands it over when it takes longer than `drainMs`. */
  readonly stop: () => Promise<void>;
};

/** A turn under way. */
type Running = { readonly done: Promise<void>; readonly abort: AbortController };

/**
 * Starts a worker. While the database is away it waits and resumes by itself, with a new identity:
 * what it was doing is taken over by whoever comes first.
 */
export function createWorker(deps: WorkerDeps, options: WorkerOptions): Worker {
  const running = new Map<string, Running>();
  let membership: Membership | null = null;
  let claiming = false;
  let wanted = false;
  let isSuspicious = false;
  let timer: NodeJS.Timeout | undefined;
  const stopping = new AbortController();

  const wakeIn = (waitMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(wake, Math.min(waitMs, options.pollMs));
  };

  function wake(): void {
    if (stopping.signal.aborted) return;
    wanted = true;
    if (!claiming) void claim();
  }

  /** One claim in flight at a time, for as many turns as there are places. */
  async function claim(): Promise<void> {
    claiming = true;
    let nextDueMs = options.pollMs;
    try {
      while (
        wanted &&
        membership !== null &&
        running.size < options.places &&
        !stopping.signal.aborted
      ) {
        wanted = false;
        const me = membership;
        if (isSuspicious) await freeForgotten(me);
        const claimed = await claimTurns(deps.database.db, {
          worker: me.workerId,
          places: options.places - running.size,
          organizationCap: options.organizationCap,
        });
        for (const turn of claimed.turns) launch(turn, me);
        nextDueMs = claimed.nextDueMs ?? options.pollMs;
      }
    } catch (error) {
      isSuspicious = true; // the answer of a claim may be lost: its turns are ours without our knowing
      const fields = isDatabaseAway(error) ? {} : { error };
      deps.logger.warn(fields, "claim failed, will try again");
    } finally {
      claiming = false;
      wakeIn(nextDueMs);
    }
  }

  async function freeForgotten(me: Membership): Promise<void> {
    await freeUnknownTurns(deps.database.db, me.workerId, [...running.keys()]);
    isSuspicious = false;
  }

  function launch(turn: Turn, me: Membership): void {
    const abort = new AbortController();
    running.set(turn.key, { done: run(turn, me, abort), abort });
  }

  async function run(turn: Turn, me: Membership, abort: AbortController): Promise<void> {
    const owner: TurnOwner = { key: turn.key, fence: turn.fence, worker: me.workerId };
    const session = createTurnSession(
      {
        owner,
        signal: abort.signal,
        storeSteps: (steps) => checkpointSteps(deps.database.db, owner, steps),
        isAlive: me.isAlive,
      },
      turn,
    );
    const startedMs = deps.clock.monotonicMs();
    const { outcome, next } = await runTurn({ ...deps, db: deps.database.db }, session);
    deps.metrics.turnEnded({
      handler: turn.handler,
      outcome,
      durationMs: deps.clock.monotonicMs() - startedMs,
      queuedMs: turn.queuedMs,
    });
    running.delete(turn.key);
    if (outcome === "lost") isSuspicious = true;
    if (next?.turn != null && !stopping.signal.aborted) launch(next.turn, me);
    else if (next?.turn != null) isSuspicious = true;
    wake();
  }

  /** Lives through losses of the database: joins, serves until the life ends, joins again. */
  async function live(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        membership = await joinWorkers(deps, { ...options, onWork: wake });
        isSuspicious = false;
        deps.logger.info({ workerId: membership.workerId }, "worker ready");
        wake();
        await Promise.race([membership.lost, aborted(stopping.signal)]);
        if (stopping.signal.aborted) return;
        deps.logger.error({ workerId: membership.workerId }, "worker lost the database");
        const lost = membership;
        membership = null;
        await abortAll(
          running,
          new AppError("TURN_OWNERSHIP_LOST", "The worker lost its database session"),
        );
        await lost.leave();
      } catch (error) {
        deps.logger.warn({ error }, "worker cannot reach the database, will try again");
      }
      await deps.clock.sleep(options.pollMs, stopping.signal).catch(() => {});
    }
  }

  const life = live();
  return {
    wake,
    running: () => running.size,
    isReady: () => membership !== null,
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await life;
      await drain(running, options.drainMs);
      if (membership !== null) {
        await freeForgotten(membership).catch(() => {}); // the others' sweep frees them otherwise
        await membership.leave();
      }
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

/** Waits for the running turns; those that take too long are aborted, which hands them over. */
async function drain(running: ReadonlyMap<string, Running>, drainMs: number): Promise<void> {
  const timer = setTimeout(() => {
    for (const { abort } of running.values())
      abort.abort(new AppError("TURN_OWNERSHIP_LOST", "The process stops"));
  }, drainMs);
  await Promise.all([...running.values()].map((turn) => turn.done));
  clearTimeout(timer);
}

async function abortAll(running: ReadonlyMap<string, Running>, reason: AppError): Promise<void> {
  for (const { abort } of running.values()) abort.abort(reason);
  await Promise.all([...running.values()].map((turn) => turn.done));
}
