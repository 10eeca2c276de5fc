import { AppError } from "#domain/errors.ts";
import { type ClaimLoop, createClaimLoop } from "./claim-loop.ts";
import { joinWorkers, type Membership, type MembershipDeps } from "./membership.ts";
import { createTurnPool, type TurnPool, type TurnPoolDeps } from "./turn-pool.ts";

export type WorkerDeps = MembershipDeps & TurnPoolDeps;

export type WorkerOptions = {
  /** Turns that run at once in this process; most of their time is waiting for a model. */
  readonly places: number;
  /** Turns of one organization that run at once, over all workers (a soft cap). */
  readonly organizationCap: number;
  /** Documents that are read at once in this process, each by a child process of its own. */
  readonly documentPlaces: number;
  /** Safety net for notifications that got lost. */
  readonly pollMs: number;
  readonly beatMs: number;
  readonly deadAfterMs: number;
  /** How long a stop waits for running turns before it hands them over. */
  readonly drainMs: number;
};

/** The options that are no settings of the program. */
export const WORKER_PACE = { pollMs: 1_000, beatMs: 500 } as const satisfies Partial<WorkerOptions>;

/** A worker: claims turns and runs them, until it is stopped. */
export type Worker = {
  /** Looks for work now. */
  readonly wake: () => void;
  /** Whether the worker is known to the database and may claim. */
  readonly isReady: () => boolean;
  /** Finishes what runs, or hands it over when it takes longer than `drainMs`. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts a worker. While the database is away it waits and resumes by itself, with a new identity:
 * what it was doing is taken over by whoever comes first.
 */
export function createWorker(deps: WorkerDeps, options: WorkerOptions): Worker {
  const stopping = new AbortController();
  const state: { member: Membership | null } = { member: null };
  const pool = createTurnPool(deps, {
    onFree: (dueMs) => loop.freed(dueMs),
    onDoubt: () => loop.doubt(),
  });
  const loop = createClaimLoop({ ...deps, pool }, options);
  const life = live(deps, options, { pool, loop, state, stopping: stopping.signal });
  return {
    wake: loop.wake,
    isReady: () => state.member !== null,
    stop: async () => {
      stopping.abort();
      await life;
      await loop.pause();
      await pool.drain(options.drainMs, new AppError("TURN_OWNERSHIP_LOST", "The process stops"));
      if (state.member !== null) {
        // What cannot be freed now, the others' sweep frees when this worker has left.
        await loop.freeForgotten(state.member).catch(() => {});
        await state.member.leave();
      }
      state.member = null;
    },
  };
}

type Parts = {
  readonly pool: TurnPool;
  readonly loop: ClaimLoop;
  readonly state: { member: Membership | null };
  readonly stopping: AbortSignal;
};

/** Joins, serves until that life ends, joins again; resolves when the worker is asked to stop. */
async function live(deps: WorkerDeps, options: WorkerOptions, parts: Parts): Promise<void> {
  const { loop, state, stopping } = parts;
  while (!stopping.aborted) {
    try {
      state.member = await joinWorkers(deps, { ...options, onWork: loop.wake });
      deps.logger.info({ workerId: state.member.workerId }, "worker ready");
      loop.serve(state.member);
      await Promise.race([state.member.lost, untilAborted(stopping)]);
      if (!stopping.aborted) await giveUpLife(deps, parts);
    } catch (error) {
      deps.logger.warn({ error }, "worker cannot reach the database, will try again");
    }
    if (!stopping.aborted) await deps.clock.sleep(options.pollMs, stopping).catch(() => {});
  }
}

/** The life was lost: nothing that runs may go on under a name that others have declared dead. */
async function giveUpLife(deps: WorkerDeps, { pool, loop, state }: Parts): Promise<void> {
  const { member } = state;
  deps.logger.error({ workerId: member?.workerId }, "worker lost the database");
  state.member = null;
  await loop.pause();
  await pool.drain(0, new AppError("TURN_OWNERSHIP_LOST", "The worker lost its database session"));
  await member?.leave();
}

function untilAborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}
