import type { Turn } from "#domain/turn.ts";
import type { Clock } from "#platform/clock.ts";
import { claimMailbox, readMailboxDueMs } from "#store/claim-mailbox.ts";
import type { AppDatabase } from "#store/database.ts";
import { checkpointSteps, type TurnOwner } from "#store/mailboxes.ts";
import type { Membership } from "./membership.ts";
import { runTurn, type RunTurnDeps } from "./run-turn.ts";
import { createTurnSession } from "./turn-session.ts";

/** What emptying a mailbox needs. */
export type RunMailboxDeps = RunTurnDeps & { readonly db: AppDatabase; readonly clock: Clock };

/** Which mailbox, for which worker, and until when. */
export type MailboxToRun = {
  readonly key: string;
  readonly member: Pick<Membership, "workerId" | "isAlive">;
  readonly signal: AbortSignal;
};

/**
 * Runs the turns of one mailbox, and no other, until it is empty: for a command that does the work
 * itself when no worker lives. Waits where a turn backs off.
 */
export async function runMailbox(deps: RunMailboxDeps, box: MailboxToRun): Promise<void> {
  const { key, member, signal } = box;
  while (!signal.aborted) {
    const dueMs = await readMailboxDueMs(deps.db, key);
    if (dueMs === null) return;
    await deps.clock.sleep(dueMs, signal);
    let turn = await claimMailbox(deps.db, { worker: member.workerId, key });
    if (turn === null) return; // somebody else has it
    while (turn !== null) turn = await run(deps, box, turn);
  }
}

/** @returns the next turn of the mailbox, if it is ours already. */
async function run(deps: RunMailboxDeps, box: MailboxToRun, turn: Turn): Promise<Turn | null> {
  const owner: TurnOwner = { key: turn.key, fence: turn.fence, worker: box.member.workerId };
  const session = createTurnSession(
    {
      owner,
      signal: box.signal,
      storeSteps: (steps) => checkpointSteps(deps.db, owner, steps),
      later: (work) => setImmediate(work),
      isAlive: box.member.isAlive,
    },
    turn,
  );
  const { next } = await runTurn(deps, session);
  return next?.turn ?? null;
}
