import { type Kysely, sql } from "kysely";
import { Turn } from "#domain/turn.ts";
import type { DB } from "./generated/database.ts";

/** Takes the turn of one mailbox; null when it is not due, or somebody else has it. */
export async function claimMailbox(
  db: Kysely<DB>,
  claim: { readonly worker: string; readonly key: string },
): Promise<Turn | null> {
  const { rows } = await sql<{ turn: unknown }>`
    select mailbox_claim_key(${claim.worker}, ${claim.key}) as turn`.execute(db);
  return Turn.nullable().parse(rows[0]?.turn ?? null);
}

/** In how many milliseconds a mailbox has work; null: it has none. */
export async function readMailboxDueMs(db: Kysely<DB>, key: string): Promise<number | null> {
  const { rows } = await sql<{
    due_ms: number | null;
  }>`select mailbox_due_ms(${key}) as due_ms`.execute(db);
  return rows[0]?.due_ms ?? null;
}
