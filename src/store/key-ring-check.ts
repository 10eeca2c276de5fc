import type { Kysely } from "kysely";
import type { DB } from "./generated/database.ts";

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
