import type { AppError } from "#domain/errors.ts";
import type { Turn } from "#domain/turn.ts";
import type { Clock } from "#platform/clock.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { Database } from "#store/database.ts";
import { checkpointSteps, type TurnOwner } from "#store/mailboxes.ts";
import type { Membership } from "./membership.ts";
import { type Attempt, runTurn, type RunTurnDeps } from "./run-turn.ts";
import { createTurnSession } from "./turn-session.ts";

export type TurnPoolDeps = Omit<RunTurnDeps, "db"> & {
  readonly database: Pick<Database, "db">;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, "turnEnded">;
};

/** The turns that this process runs now. */
export type TurnPool = {
  /** Runs a claimed turn, and those that follow in its mailbox. */
  readonly launch: (turn: Turn, member: Membership) => void;
  readonly size: () => number;
  readonly keys: () => readonly string[];
  /** Begins nothing more, waits for what runs, and hands over what takes longer than `waitMs`. */
  readonly drain: (waitMs: number, reason: AppError) => Promise<void>;
};

/** What the pool tells its worker. */
export type TurnPoolEvents = {
  /** A place is free. Null: the mailbox that had it waits for nothing; else milliseconds until it is due. */
  readonly onFree: (dueMs: number | null) => void;
  /** The database may think that we own something which we do not run. */
  readonly onDoubt: () => void;
};

type Running = { readonly done: Promise<void>; readonly abort: AbortController };

/** Longer than it takes to go on from a model's answer to the reply, which stores that step. */
const STAGED_STEP_MS = 25;

/** An empty pool. */
export function createTurnPool(deps: TurnPoolDeps, events: TurnPoolEvents): TurnPool {
  const running = new Map<string, Running>();
  let isDraining = false;

  const launch = (turn: Turn, member: Membership): void => {
    const abort = new AbortController();
    const done = attempt(deps, { turn, member, abort }).then(({ outcome, next }) => {
      running.delete(turn.key);
      if (next?.turn != null && !isDraining) launch(next.turn, member);
      else if (next?.turn != null || outcome === "lost") events.onDoubt();
      events.onFree(next?.dueMs ?? null);
    });
    running.set(turn.key, { done, abort });
  };

  return {
    launch,
    size: () => running.size,
    keys: () => [...running.keys()],
    drain: async (waitMs, reason) => {
      isDraining = true;
      const timer = setTimeout(() => {
        for (const { abort } of running.values()) abort.abort(reason);
      }, waitMs);
      await Promise.all([...running.values()].map((turn) => turn.done));
      clearTimeout(timer);
      isDraining = false;
    },
  };
}

async function attempt(
  deps: TurnPoolDeps,
  run: { readonly turn: Turn; readonly member: Membership; readonly abort: AbortController },
): Promise<Attempt> {
  const { turn, member } = run;
  const { db } = deps.database;
  const owner: TurnOwner = { key: turn.key, fence: turn.fence, worker: member.workerId };
  const session = createTurnSession(
    {
      owner,
      signal: run.abort.signal,
      storeSteps: (steps) => checkpointSteps(db, owner, steps),
      later: (work) => setTimeout(work, STAGED_STEP_MS),
      isAlive: member.isAlive,
    },
    turn,
  );
  const startedMs = deps.clock.monotonicMs();
  const ended = await runTurn({ ...deps, db }, session);
  deps.metrics.turnEnded({
    handler: turn.handler,
    outcome: ended.outcome,
    durationMs: deps.clock.monotonicMs() - startedMs,
    queuedMs: turn.queuedMs,
  });
  return ended;
}
