import type { Checkpoint } from "#domain/checkpoint.ts";
import type { AppError, ErrorCode } from "#domain/errors.ts";
import type { Turn } from "#domain/turn.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { TenantDatabase } from "#store/as-tenant.ts";
import type { TurnOwner } from "#store/mailboxes.ts";
import type { TurnEffects } from "#store/turn-effects.ts";

/**
 * What a handler gets to work with. It stays valid while this worker owns the turn; `signal` aborts
 * when it does not any more, or when the process is asked to stop.
 */
export type TurnSession = {
  readonly turn: Turn;
  readonly owner: TurnOwner;
  readonly signal: AbortSignal;
  readonly checkpoint: Checkpoint;
  /** All steps of this turn that are finished, of earlier attempts too. */
  readonly finishedSteps: () => ReadonlyMap<string, JsonValue>;
  /**
   * Finished steps that are not stored yet, for a caller that stores them along with its own write.
   * From then on they are the caller's to store.
   */
  readonly takeStagedSteps: () => Promise<Readonly<Record<string, JsonValue>>>;
  /** Throws TURN_OWNERSHIP_LOST unless the worker is surely alive in the eyes of the others. */
  readonly assertOwned: () => void;
};

/** Writes of a turn, in the transaction that ends it. */
export type Effects = (tenant: TenantDatabase) => Promise<void>;

/** What commits together with the end of the turn: exactly once, or not at all. */
export type Ending = {
  /** What an answer leaves behind: as data, since it then costs no round trip of its own. */
  readonly leaves?: TurnEffects;
  /** Any other writes, after it. */
  readonly effects?: Effects;
};

/** How a handler's run ended. Failures are thrown as AppError. */
export type TurnResult =
  | ({ readonly kind: "done" } & Ending)
  /** There was nothing to do, such as a conversation that a human took over. */
  | ({ readonly kind: "skipped" } & Ending)
  /** Newer messages made the draft stale: a new turn takes all of them. */
  | ({ readonly kind: "superseded" } & Ending)
  /** Waits for news from outside; whoever has them calls `mailbox_hasten`. No attempt is used up. */
  | { readonly kind: "waiting"; readonly waitMs: number; readonly errorCode: ErrorCode }
  /** A schedule's run: the next one is `nextMs` from now. */
  | { readonly kind: "scheduled"; readonly nextMs: number };

/** The work of one kind of mailbox. */
export type TurnHandler = {
  /** Does the turn, or resumes it: finished steps come back from their checkpoints. */
  readonly run: (session: TurnSession) => Promise<TurnResult>;
  /**
   * Called when the turn has failed for good: tells whoever waits. What it returns commits with the
   * turn's end. Must not throw for failures that it can foresee.
   */
  readonly fail: (session: TurnSession, error: AppError) => Promise<Ending | null>;
};
