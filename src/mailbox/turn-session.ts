import type { Checkpoint } from "#domain/checkpoint.ts";
import { AppError } from "#domain/errors.ts";
import type { Turn } from "#domain/turn.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { TurnOwner } from "#store/mailboxes.ts";
import type { TurnSession } from "./turn-handler.ts";

/** What a session needs of its worker. */
export type TurnSessionDeps = {
  readonly owner: TurnOwner;
  readonly signal: AbortSignal;
  /** Stores finished steps; false when the turn is not ours any more. */
  readonly storeSteps: (steps: Readonly<Record<string, JsonValue>>) => Promise<boolean>;
  /** Runs it a moment later: as long as a finished step may wait for the turn's next write. */
  readonly later: (work: () => void) => void;
  /** Whether the last heartbeat is recent enough for an effect outside. */
  readonly isAlive: () => boolean;
};

/** The session of one attempt of one turn. */
export function createTurnSession(deps: TurnSessionDeps, turn: Turn): TurnSession {
  const finished = new Map<string, JsonValue>(Object.entries(turn.steps));
  let staged: Record<string, JsonValue> = {};
  let stored = Promise.resolve();

  const storeStaged = (): Promise<void> => {
    if (Object.keys(staged).length === 0) return stored;
    const steps = staged;
    staged = {};
    stored = stored.then(async () => {
      if (!(await deps.storeSteps(steps))) throw ownershipLost();
    });
    stored.catch(() => {}); // whoever writes next awaits `stored` and sees the failure
    return stored;
  };

  const checkpoint: Checkpoint = async <Result extends JsonValue>(
    name: string,
    work: () => Promise<Result>,
  ): Promise<Result> => {
    const known = finished.get(name);
    if (known !== undefined) return known as Result; // what the same step returned before
    await storeStaged();
    deps.signal.throwIfAborted();
    const result = await work();
    finished.set(name, result);
    staged[name] = result;
    // Stored soon, unless the turn's next write, which often follows at once, takes it along: one
    // commit less for every answer.
    deps.later(() => void storeStaged());
    return result;
  };

  return {
    turn,
    owner: deps.owner,
    signal: deps.signal,
    checkpoint,
    finishedSteps: () => finished,
    takeStagedSteps: async () => {
      const steps = staged;
      staged = {};
      await stored;
      return steps;
    },
    assertOwned: () => {
      deps.signal.throwIfAborted();
      if (!deps.isAlive()) throw ownershipLost();
    },
  };
}

function ownershipLost(): AppError {
  return new AppError("TURN_OWNERSHIP_LOST", "Another worker has taken this turn over");
}
