import type { Clock } from "#platform/clock.ts";
import type { Logger } from "#platform/logger.ts";
import { type Database, isDatabaseAway } from "#store/database.ts";
import { claimTurns, freeUnknownTurns } from "#store/mailboxes.ts";
import type { Membership } from "./membership.ts";
import type { TurnPool } from "./turn-pool.ts";

export type ClaimLoopDeps = {
  readonly database: Pick<Database, "db">;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly logger: Logger;
  readonly pool: Pick<TurnPool, "launch" | "size" | "keys">;
};

export type ClaimLoopOptions = {
  readonly places: number;
  readonly organizationCap: number;
  readonly documentPlaces: number;
  readonly pollMs: number;
};

/** Looks for due turns when woken, when the next one falls due, and every `pollMs` anyway. */
export type ClaimLoop = {
  readonly wake: () => void;
  /**
   * A place is free. Looks for work only if there may be some that this loop knows of, so that a turn
   * that comes alone costs one claim. `dueMs`: when its mailbox is due again, null if it is empty.
   */
  readonly freed: (dueMs: number | null) => void;
  /** Claims for this member from now on. */
  readonly serve: (member: Membership) => void;
  /** Claims no more; resolves when no claim is under way. */
  readonly pause: () => Promise<void>;
  /** The database may think that we own what we do not run: the next claim frees it first. */
  readonly doubt: () => void;
  /** Frees what a member owns but does not run. */
  readonly freeForgotten: (member: Membership) => Promise<void>;
};

/** What the loop knows between two claims. */
type State = {
  member: Membership | null;
  isWanted: boolean;
  isDoubtful: boolean;
  /** The last claim left due mailboxes behind, for want of places or under their organization's cap. */
  isBehind: boolean;
  claiming: Promise<void> | null;
  timer: NodeJS.Timeout | undefined;
  /** When the timer goes off, on the monotonic clock. */
  wakeAtMs: number;
  /** When the last claim began, on the monotonic clock. */
  claimedAtMs: number;
};

/**
 * A worker claims no oftener than this: from some ten messages a second on, the turns of one claim then go
 * the way of the flow together and share its statements. One that comes alone waits for nothing, and
 * nobody notices so short a wait.
 */
const BETWEEN_CLAIMS_MS = 40;

function startState(): State {
  return {
    member: null,
    isWanted: false,
    isDoubtful: false,
    isBehind: false,
    claiming: null,
    timer: undefined,
    wakeAtMs: 0,
    claimedAtMs: Number.NEGATIVE_INFINITY,
  };
}

/** A loop that serves nobody yet. */
export function createClaimLoop(deps: ClaimLoopDeps, options: ClaimLoopOptions): ClaimLoop {
  const state = startState();

  const wakeIn = (waitMs: number): void => {
    // A schedule that ends while the worker drains is due in an hour: the process would stay for it.
    if (state.member === null) return;
    const wakeAtMs = deps.clock.monotonicMs() + waitMs;
    if (state.timer !== undefined && state.wakeAtMs <= wakeAtMs) return;
    clearTimeout(state.timer);
    state.wakeAtMs = wakeAtMs;
    state.timer = setTimeout(() => {
      state.timer = undefined;
      wake();
    }, waitMs);
  };

  const wake = (): void => {
    if (state.member === null) return;
    state.isWanted = true;
    const sinceMs = deps.clock.monotonicMs() - state.claimedAtMs;
    if (state.claiming === null && sinceMs < BETWEEN_CLAIMS_MS)
      return wakeIn(Math.ceil(BETWEEN_CLAIMS_MS - sinceMs));
    state.claiming ??= claimOnce(deps, options, state).then((nextDueMs) => {
      state.claiming = null;
      // A wish that came while the last claim was under way must not wait for the timer.
      if (state.isWanted && deps.pool.size() < options.places) return wake();
      stopTimer(state);
      wakeIn(Math.min(nextDueMs, options.pollMs));
    });
  };

  return {
    wake,
    freed: (dueMs) => {
      if (state.isWanted || state.isBehind || state.isDoubtful) wake();
      else if (dueMs !== null && state.claiming === null) wakeIn(dueMs);
    },
    serve: (member) => {
      state.member = member;
      state.isDoubtful = false;
      wake();
    },
    doubt: () => {
      state.isDoubtful = true;
    },
    pause: async () => {
      state.member = null;
      await state.claiming;
      stopTimer(state);
    },
    freeForgotten: (member) => freeForgotten(deps, state, member),
  };
}

/**
 * One claim, for as many turns as there are places.
 * @returns milliseconds until the next look is due.
 */
async function claimOnce(
  deps: ClaimLoopDeps,
  options: ClaimLoopOptions,
  state: State,
): Promise<number> {
  let nextDueMs = options.pollMs;
  try {
    if (state.isWanted && state.member !== null && deps.pool.size() < options.places) {
      state.isWanted = false;
      const { member } = state;
      state.claimedAtMs = deps.clock.monotonicMs();
      if (state.isDoubtful) await freeForgotten(deps, state, member);
      const claimed = await claimTurns(deps.database.db, {
        worker: member.workerId,
        places: options.places - deps.pool.size(),
        organizationCap: options.organizationCap,
        documentPlaces: options.documentPlaces,
      });
      for (const turn of claimed.turns) deps.pool.launch(turn, member);
      nextDueMs = claimed.nextDueMs ?? options.pollMs;
      state.isBehind = claimed.isBehind;
    }
  } catch (error) {
    state.isWanted = false;
    state.isDoubtful = true; // the answer may be lost: its turns are ours without our knowing
    deps.logger.warn(isDatabaseAway(error) ? {} : { error }, "claim failed, will try again");
    return options.pollMs;
  }
  return nextDueMs;
}

function stopTimer(state: State): void {
  clearTimeout(state.timer);
  state.timer = undefined;
}

async function freeForgotten(deps: ClaimLoopDeps, state: State, member: Membership): Promise<void> {
  state.isDoubtful = false;
  await freeUnknownTurns(deps.database.db, member.workerId, deps.pool.keys());
}
