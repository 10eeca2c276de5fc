import { type Kysely, sql } from "kysely";
import { z } from "zod";
import { Turn, type TurnStatus } from "#domain/turn.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import { callTogether, type SharedCall } from "./call-together.ts";
import type { AppDatabase } from "./database.ts";
import type { DB } from "./generated/database.ts";
import { toLeavesRow, type TurnEffects } from "./turn-effects.ts";

/**
 * The statements of the mailbox, each whole or not at all, and many of them in one
 * statement under load (docs/adr/0018-calls-that-travel-together.md). Their bodies and the
 * reasons are in migrations/0003_mailbox.sql.
 */

/** Who writes for a turn: every write checks that this worker still owns it. */
export type TurnOwner = Pick<Turn, "key" | "fence"> & { readonly worker: string };

const Claimed = z.object({
  turns: z.array(Turn),
  /** More is due than was taken. */
  isBehind: z.boolean(),
  nextDueMs: z.number().nullable(),
});
const Finished = z.object({ turn: Turn.nullable(), dueMs: z.number().nullable() });
const FinishedOrLost = Finished.nullable();

/** What follows in the same mailbox: its next turn, already ours, or the time until it is due. */
export type NextInMailbox = z.infer<typeof Finished>;

/**
 * Takes due mailboxes, up to `places`.
 * @returns the turns, whether more is due, and the milliseconds until another mailbox falls due
 *   (null: none waits).
 */
export async function claimTurns(
  db: Kysely<DB>,
  claim: {
    readonly worker: string;
    readonly places: number;
    readonly organizationCap: number;
    /** Documents that the worker reads at once, those it reads already included. */
    readonly documentPlaces: number;
  },
): Promise<z.infer<typeof Claimed>> {
  const { rows } = await sql<{ claimed: unknown }>`
    select mailbox_claim(${claim.worker}, ${claim.places}, ${claim.organizationCap}, ${claim.documentPlaces}) as claimed`.execute(
    db,
  );
  return Claimed.parse(rows[0]?.claimed);
}

/** Finished steps of a turn as the mailbox keeps them, in the order in which they were finished. */
export function toStepRows(
  steps: Readonly<Record<string, JsonValue>>,
): readonly { readonly name: string; readonly output: JsonValue }[] {
  return Object.entries(steps).map(([name, output]) => ({ name, output }));
}

/** Stores finished steps. False when another worker has taken the turn over. */
export async function checkpointSteps(
  db: Kysely<DB>,
  owner: TurnOwner,
  steps: Readonly<Record<string, JsonValue>>,
): Promise<boolean> {
  const { rows } = await sql<{ kept: boolean }>`
    select mailbox_checkpoint(${owner.key}, ${owner.fence}, ${owner.worker}, ${JSON.stringify(toStepRows(steps))}::jsonb) as kept`.execute(
    db,
  );
  return rows[0]?.kept === true;
}

/** How a turn ends. `nextMs` only for schedules: milliseconds until the next run. */
export type TurnEnd = {
  readonly status: Exclude<TurnStatus, "superseded">;
  readonly errorCode: string | null;
  readonly nextMs: number | null;
  /** What the turn leaves behind, written in the same statement. */
  readonly leaves?: TurnEffects;
};

/** Ends a turn in a transaction of its own; null when another worker has taken it over. */
export async function finishTurnAlone(
  db: AppDatabase,
  owner: TurnOwner,
  end: TurnEnd,
): Promise<NextInMailbox | null> {
  const leaves = end.leaves === undefined ? null : toLeavesRow(end.leaves);
  return FinishedOrLost.parse(
    await callTogether(db, FINISH_TURN, {
      ...end,
      owner,
      leaves,
      order: `${end.leaves?.organizationId ?? ""} ${owner.key}`,
    }),
  );
}

const FINISH_TURN: SharedCall<{ readonly order: string }> = {
  name: "finish_turn",
  // by organization first, whose usage they count
  orderOf: ({ order }) => order,
  call: sql`finish_turn(input -> 'owner' ->> 'key', (input -> 'owner' ->> 'fence')::bigint,
  input -> 'owner' ->> 'worker', input ->> 'status', input ->> 'errorCode', (input ->> 'nextMs')::bigint,
  nullif(input -> 'leaves', 'null'))`,
};

/** Ends a turn; null when another worker has taken it over. More effects follow in the same transaction. */
export async function finishTurn(
  db: Kysely<DB>,
  owner: TurnOwner,
  end: TurnEnd,
): Promise<NextInMailbox | null> {
  const { rows } = await sql<{ next: unknown }>`
    select finish_turn(${owner.key}, ${owner.fence}, ${owner.worker}, ${end.status}, ${end.errorCode},
      ${end.nextMs}, ${end.leaves === undefined ? null : JSON.stringify(toLeavesRow(end.leaves))}::jsonb) as next`.execute(
    db,
  );
  return FinishedOrLost.parse(rows[0]?.next);
}

/** Discards a stale turn in favour of a new one over all its messages; null when it is not ours. */
export async function supersedeTurn(
  db: Kysely<DB>,
  owner: TurnOwner,
): Promise<NextInMailbox | null> {
  const { rows } = await sql<{ next: unknown }>`
    select mailbox_supersede(${owner.key}, ${owner.fence}, ${owner.worker}) as next`.execute(db);
  return FinishedOrLost.parse(rows[0]?.next);
}

/** How a turn rests. */
export type TurnRest = {
  readonly errorCode: string | null;
  readonly waitMs: number;
  readonly attempt: "counts" | "is given back";
  /** News, such as the status of a message, may have come already: then it does not rest. */
  readonly waitsFor: "time" | "news";
};

/**
 * Gives a turn back, to be resumed later by anybody. Returns the milliseconds until then; null when the
 * turn is not ours any more.
 */
export async function releaseTurn(
  db: Kysely<DB>,
  owner: TurnOwner,
  rest: TurnRest,
): Promise<number | null> {
  const { rows } = await sql<{ rests_ms: number | null }>`
    select mailbox_release(${owner.key}, ${owner.fence}, ${owner.worker}, ${rest.errorCode},
      ${Math.round(rest.waitMs)}, ${rest.attempt === "counts"}, ${rest.waitsFor === "news"}) as rests_ms`.execute(
    db,
  );
  return rows[0]?.rests_ms ?? null;
}

/** Posts a message to a mailbox; runs in the transaction that stores what the message is about. */
export async function postToMailbox(
  db: Kysely<DB>,
  post: {
    readonly key: string;
    readonly organizationId: string | null;
    readonly handler: string;
    readonly coalesces: boolean;
    readonly payload: JsonValue;
    readonly waitMs: number;
  },
): Promise<void> {
  await sql`select mailbox_post(${post.key}, ${post.organizationId}, ${post.handler}, ${post.coalesces},
    ${JSON.stringify(post.payload)}::jsonb, ${post.waitMs}, ${post.waitMs})`.execute(db);
}

/** Makes sure that a schedule exists; its first run is `firstMs` from now. */
export async function ensureSchedule(
  db: Kysely<DB>,
  schedule: { readonly name: string; readonly firstMs: number },
): Promise<void> {
  await sql`select mailbox_schedule(${schedule.name}, ${schedule.name}, ${schedule.firstMs})`.execute(
    db,
  );
}

/** Frees what a worker owns without knowing, because the answer of a claim was lost. */
export async function freeUnknownTurns(
  db: Kysely<DB>,
  worker: string,
  knownKeys: readonly string[],
): Promise<number> {
  const { rows } = await sql<{ freed: number }>`
    select mailbox_free_unknown(${worker}, ${[...knownKeys]}::text[]) as freed`.execute(db);
  return rows[0]?.freed ?? 0;
}

/** How much work waits and runs. */
export async function readBacklog(
  db: Kysely<DB>,
): Promise<{ readonly due: number; readonly running: number; readonly oldestDueMs: number }> {
  const { rows } = await sql<{ due: string; running: string; oldest_due_ms: number }>`
    select * from mailbox_backlog()`.execute(db);
  const row = rows[0];
  return {
    due: Number(row?.due ?? 0),
    running: Number(row?.running ?? 0),
    oldestDueMs: row?.oldest_due_ms ?? 0,
  };
}

/** Wakes the workers of other processes. After the commit: NOTIFY's own commit takes a global lock. */
export async function notifyWorkers(db: Kysely<DB>): Promise<void> {
  await sql`select pg_notify('parley_work', '')`.execute(db);
}
