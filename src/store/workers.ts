import { sql, type Kysely } from "kysely";
import type { DatabaseSession } from "./database.ts";
import type { DB } from "./generated/database.ts";

/** First key of the workers' advisory locks; the second is the worker's own number. */
const LOCK_CLASS = 4242;

/**
 * Makes a worker known: its lock first, so that no sweep can find the row without it, and then it
 * listens for work.
 */
export async function registerWorker(
  session: DatabaseSession,
  worker: { readonly id: string; readonly lockKey: number },
): Promise<void> {
  await session.query(`select pg_advisory_lock(${LOCK_CLASS}, $1)`, [worker.lockKey]);
  await session.query("listen parley_work");
  await session.query("insert into workers (id, lock_key) values ($1, $2)", [
    worker.id,
    worker.lockKey,
  ]);
}

/** Says that the worker lives. False: others have declared it dead, so it must stop at once. */
export async function beatWorker(session: DatabaseSession, workerId: string): Promise<boolean> {
  const rows = await session.query(
    "update workers set seen_at = now() where id = $1 returning id",
    [workerId],
  );
  return rows.length > 0;
}

/** Frees the mailboxes of dead workers; returns how many. */
export async function sweepDeadWorkers(
  session: DatabaseSession,
  workerId: string,
  deadAfterMs: number,
): Promise<number> {
  const rows = await session.query("select mailbox_sweep($1, $2) as freed", [
    workerId,
    deadAfterMs,
  ]);
  const [first] = rows;
  return typeof first === "object" && first !== null && "freed" in first ? Number(first.freed) : 0;
}

/** Takes a worker off the list when it stops. */
export async function unregisterWorker(session: DatabaseSession, workerId: string): Promise<void> {
  await session.query("delete from workers where id = $1", [workerId]);
}

/**
 * The embedded database has one process, so whatever is owned when it starts belongs to a dead one.
 * Registers this worker and frees the rest.
 */
export async function takeOverEmbedded(db: Kysely<DB>, workerId: string): Promise<void> {
  await sql`select mailbox_adopt(${workerId})`.execute(db);
}

/** Takes the worker of an embedded database off the list when it stops. */
export async function leaveEmbedded(db: Kysely<DB>, workerId: string): Promise<void> {
  await db.deleteFrom("workers").where("id", "=", workerId).execute();
}
