import { type RawBuilder, sql } from "kysely";
import type { AppDatabase } from "./database.ts";

/**
 * Which workers live. On a server: those that gave a sign of life lately. The worker of an embedded
 * database gives none, and lives if it belongs to this process: if it began after this process did.
 */
export type LivingWorkers = { readonly deadAfterMs: number } | { readonly startedSince: Date };

/** The condition on table `workers`, called `w`. */
export const isLiving = (living: LivingWorkers): RawBuilder<unknown> =>
  "deadAfterMs" in living
    ? sql`w.seen_at > now() - ${living.deadAfterMs} * interval '1 millisecond'`
    : sql`w.started_at >= ${living.startedSince.toISOString()}::timestamptz`;

/** Whether any worker lives. */
export async function hasLivingWorker(db: AppDatabase, living: LivingWorkers): Promise<boolean> {
  const { rows } = await sql`select 1 from workers w where ${isLiving(living)} limit 1`.execute(db);
  return rows.length > 0;
}
