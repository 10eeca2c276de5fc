import type { Kysely } from "kysely";
import type { DB } from "./generated/database.ts";

/** What the known text is bound to: it belongs to no organization. */
export const KEY_RING_CHECK_CONTEXT = { organizationId: "platform", column: "key_ring_check" };

/** The sealed known text of this database, or null in a new one. */
export async function findKeyRingCheck(db: Kysely<DB>): Promise<string | null> {
  const row = await db.selectFrom("key_ring_check").select("sealed").executeTakeFirst();
  return row?.sealed ?? null;
}

/** Keeps the known text as sealed by the first process; a later one changes nothing. */
export async function insertKeyRingCheck(db: Kysely<DB>, sealed: string): Promise<void> {
  await db
    .insertInto("key_ring_check")
    .values({ sealed })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Puts the known text, sealed anew, in the place of what was read. False: somebody has changed it. */
export async function replaceKeyRingCheck(
  db: Kysely<DB>,
  change: { readonly read: string; readonly sealed: string },
): Promise<boolean> {
  const rows = await db
    .updateTable("key_ring_check")
    .set({ sealed: change.sealed })
    .where("sealed", "=", change.read)
    .returning("singleton")
    .execute();
  return rows.length > 0;
}
