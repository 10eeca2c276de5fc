import type { Logger } from "#platform/logger.ts";
import { type Database, isDatabaseAway } from "#store/database.ts";
import { claimTurns, freeUnknownTurns } from "#store/mailboxes.ts";
import type { Membership } from "./membership.ts";
import type { TurnPool } from "./turn-pool.ts";

export type ClaimLoopDeps = {
  readonly database: Pick<Database, "db">;
  readonly logger: Logger;
  readonly pool: Pick<TurnPool, "launch" | "size" | "keys">;
};

export type ClaimLoopOptions = {
  readonly places: number;
  readonly organizationCap: number;
  readonly pollMs: number;
};

/** Looks for due turns when woken, when the next one falls due, and every `pollMs` anyway. */
export type ClaimLoop = {
  readonly wake: () => void;
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
  claiming: Promise<void> | null;
  timer: NodeJS.Timeout | undefined;
};

/** A loop that serves nobody yet. */
export function createClaimLoop(deps: ClaimLoopDeps, options: ClaimLoopOptions): ClaimLoop {
  const state: State = {
    member: null,
    isWanted: false,
    isDoubtful: false,
    claiming: null,
    timer: undefined,
  };

  const wake = (): void => {
    if (state.member === null) return;
    state.isWanted = true;
    state.claiming ??= claimAll(deps, options, state).then((nextDueMs) => {
      state.claiming = null;
      clearTimeout(state.timer);
      // A wish that came while the last claim was under way must not wait for the timer.
      if (state.isWanted && deps.pool.size() < options.places) return wake();
      state.timer = setTimeout(wake, Math.min(nextDueMs, options.pollMs));
    });
  };

  return {
    wake,
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
      clearTimeout(state.timer);
    },
    freeForgotten: (member) => freeForgotten(deps, state, member),
  };
}

/**
 * One claim in flight at a time, for as many turns as there are places.
 * @returns milliseconds until the next look is due.
 */
async function claimAll(
  deps: ClaimLoopDeps,
  options: ClaimLoopOptions,
  state: State,
): Promise<number> {
  let nextDueMs = options.pollMs;
  try {
    while (state.isWanted && state.member !== null && deps.pool.size() < options.places) {
      state.isWanted = false;
      const { member } = state;
      if (state.isDoubtful) await freeForgotten(deps, state, member);
      const claimed = await claimTurns(deps.database.db, {
        worker: member.workerId,
        places: options.places - deps.pool.size(),
        organizationCap: options.organizationCap,
      });
      for (const turn of claimed.turns) deps.pool.launch(turn, member);
      nextDueMs = claimed.nextDueMs ?? options.pollMs;
    }
  } catch (error) {
    state.isWanted = false;
    state.isDoubtful = true; // the answer may be lost: its turns are ours without our knowing
    deps.logger.warn(isDatabaseAway(error) ? {} : { error }, "claim failed, will try again");
    return options.pollMs;
  }
  return nextDueMs;
}

async function freeForgotten(deps: ClaimLoopDeps, state: State, member: Membership): Promise<void> {
  state.isDoubtful = false;
  await freeUnknownTurns(deps.database.db, member.workerId, deps.pool.keys());
}
