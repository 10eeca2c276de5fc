import { AppError, toAppError } from "#domain/errors.ts";
import type { Turn } from "#domain/turn.ts";
import type { Logger } from "#platform/logger.ts";
import { asTenant } from "#store/as-tenant.ts";
import { type AppDatabase, isDatabaseAway } from "#store/database.ts";
import {
  finishTurn,
  finishTurnAlone,
  type NextInMailbox,
  releaseTurn,
  supersedeTurn,
  type TurnEnd,
  type TurnRest,
} from "#store/mailboxes.ts";
import { writeTurnEffects } from "#store/turn-effects.ts";
import { decideRetry, isExhausted } from "./retry-policy.ts";
import type { Effects, Ending, TurnHandler, TurnResult, TurnSession } from "./turn-handler.ts";

/** What running a turn needs. */
export type RunTurnDeps = {
  readonly db: AppDatabase;
  readonly handlers: ReadonlyMap<string, TurnHandler>;
  readonly logger: Logger;
  readonly random: () => number;
};

/** How an attempt ended, for the metrics; `lost`: another worker has the turn, or will. */
export type AttemptOutcome =
  | "done"
  | "skipped"
  | "superseded"
  | "scheduled"
  | "waiting"
  | "retrying"
  | "handed over"
  | "failed"
  | "lost";

/** The end of an attempt, and what follows in the same mailbox. */
export type Attempt = { readonly outcome: AttemptOutcome; readonly next: NextInMailbox | null };

/**
 * Runs one attempt of a turn and writes down how it ended: finished with its effects, given back to
 * be resumed, or failed for good after the handler has told whoever waits.
 */
export async function runTurn(deps: RunTurnDeps, session: TurnSession): Promise<Attempt> {
  const { turn } = session;
  const handler = deps.handlers.get(turn.handler);
  try {
    if (handler === undefined)
      throw new AppError("INTERNAL", `This version has no handler named ${turn.handler}`);
    if (isExhausted(turn.attempt))
      throw new AppError("TURN_ATTEMPTS_EXHAUSTED", "Every attempt of this turn ended in a crash");
    return await end(deps, session, await handler.run(session));
  } catch (error) {
    return await endFailedAttempt(deps, session, { handler, error }).catch((failure: unknown) => {
      // The end could not be written: the sweep for turns that nobody knows frees it.
      deps.logger.warn({ ...fieldsOf(turn), error: failure }, "turn left to be freed");
      return { outcome: "lost" as const, next: null };
    });
  }
}

async function end(deps: RunTurnDeps, session: TurnSession, result: TurnResult): Promise<Attempt> {
  switch (result.kind) {
    case "done":
    case "skipped":
      return finish(deps, session, {
        outcome: result.kind,
        end: { status: result.kind, errorCode: null, nextMs: null, ...leavesOf(result) },
        effects: result.effects ?? null,
      });
    case "scheduled":
      return finish(deps, session, {
        outcome: "scheduled",
        end: { status: "done", errorCode: null, nextMs: result.nextMs },
        effects: null,
      });
    case "superseded":
      return supersede(deps, session, result);
    case "waiting":
      return release(deps, session, {
        outcome: "waiting",
        errorCode: result.errorCode,
        waitMs: result.waitMs,
        attempt: "is given back",
        waitsFor: "news",
      });
  }
}

async function endFailedAttempt(
  deps: RunTurnDeps,
  session: TurnSession,
  failure: { readonly handler: TurnHandler | undefined; readonly error: unknown },
): Promise<Attempt> {
  const { turn } = session;
  if (session.signal.aborted) {
    // A planned stop, or a lost session: whoever claims it next resumes where it stands.
    const rest = {
      errorCode: null,
      waitMs: 0,
      attempt: "is given back",
      waitsFor: "time",
    } as const;
    await releaseTurn(deps.db, session.owner, rest);
    return { outcome: "handed over", next: null };
  }
  const error = isDatabaseAway(failure.error)
    ? new AppError("DATABASE_UNAVAILABLE", "The database went away during a turn", {
        cause: failure.error,
      })
    : toAppError(failure.error);
  if (error.code === "TURN_OWNERSHIP_LOST") return { outcome: "lost", next: null };

  const decision = decideRetry(error, turn.attempt, deps.random());
  if (decision.kind === "retry") {
    deps.logger.info({ ...fieldsOf(turn), error, waitMs: decision.waitMs }, "turn will be retried");
    return release(deps, session, {
      outcome: "retrying",
      errorCode: error.code,
      waitMs: decision.waitMs,
      attempt: "counts",
      waitsFor: error.code === "WHATSAPP_OUTCOME_UNKNOWN" ? "news" : "time",
    });
  }
  deps.logger.error({ ...fieldsOf(turn), error }, "turn failed");
  const ending = (await failure.handler?.fail(session, error)) ?? {};
  return finish(deps, session, {
    outcome: "failed",
    end: { status: "failed", errorCode: error.code, nextMs: null, ...leavesOf(ending) },
    effects: ending.effects ?? null,
  });
}

async function finish(
  deps: RunTurnDeps,
  session: TurnSession,
  finishing: {
    readonly outcome: AttemptOutcome;
    readonly end: TurnEnd;
    readonly effects: Effects | null;
  },
): Promise<Attempt> {
  const { organizationId } = session.turn;
  const { effects } = finishing;
  const next =
    organizationId === null || effects === null
      ? await finishTurnAlone(deps.db, session.owner, finishing.end)
      : await asTenant(deps.db, organizationId, async (tenant) => {
          const following = await finishTurn(tenant, session.owner, finishing.end);
          if (following !== null) await effects(tenant);
          return following;
        });
  return next === null ? { outcome: "lost", next } : { outcome: finishing.outcome, next };
}

async function supersede(
  deps: RunTurnDeps,
  session: TurnSession,
  { leaves, effects }: Ending,
): Promise<Attempt> {
  const { organizationId } = session.turn;
  const next =
    organizationId === null
      ? await supersedeTurn(deps.db, session.owner)
      : await asTenant(deps.db, organizationId, async (tenant) => {
          const following = await supersedeTurn(tenant, session.owner);
          if (following !== null && leaves !== undefined) await writeTurnEffects(tenant, leaves);
          if (following !== null) await effects?.(tenant);
          return following;
        });
  return next === null ? { outcome: "lost", next } : { outcome: "superseded", next };
}

function leavesOf({ leaves }: Ending): Pick<Ending, "leaves"> {
  return leaves === undefined ? {} : { leaves };
}

/** Gives the turn back, and tells when it is due again. */
async function release(
  deps: RunTurnDeps,
  session: TurnSession,
  { outcome, ...rest }: TurnRest & { readonly outcome: AttemptOutcome },
): Promise<Attempt> {
  const restsMs = await releaseTurn(deps.db, session.owner, rest);
  return restsMs === null
    ? { outcome: "lost", next: null }
    : { outcome, next: { turn: null, dueMs: restsMs } };
}

function fieldsOf(turn: Turn): Readonly<Record<string, unknown>> {
  return {
    turnId: turn.turnId,
    organizationId: turn.organizationId,
    handler: turn.handler,
    attempt: turn.attempt,
  };
}
