import { sql } from "kysely";
import { asSystem } from "./as-tenant.ts";
import type { AppDatabase } from "./database.ts";

/** Rows removed in one statement: locks stay short whatever has piled up. */
const BATCH = 5_000;

/** Removes raw webhooks, ended turns and what their tools did, past their days. Not complete: more is left. */
export function removeOldRecords(
  db: AppDatabase,
  keep: { readonly webhookEventDays: number; readonly turnDays: number },
): Promise<{ readonly isComplete: boolean }> {
  return asSystem(db, async (system) => {
    const events = await sql<{ id: string }>`
      delete from webhook_events where id in (
        select id from webhook_events where created_at < now() - ${keep.webhookEventDays} * interval '1 day'
        limit ${BATCH})
      returning id`.execute(system);
    const turns = await sql<{ id: string }>`
      delete from turns where id in (
        select id from turns where finished_at < now() - ${keep.turnDays} * interval '1 day' limit ${BATCH})
      returning id`.execute(system);
    const executions = await sql<{ id: string }>`
      delete from tool_executions where id in (
        select id from tool_executions where created_at < now() - ${keep.turnDays} * interval '1 day'
        limit ${BATCH})
      returning id`.execute(system);
    const confirmations = await sql<{ id: string }>`
      delete from tool_confirmations where id in (
        select id from tool_confirmations where created_at < now() - ${keep.turnDays} * interval '1 day'
        limit ${BATCH})
      returning id`.execute(system);
    return {
      isComplete: [events, turns, executions, confirmations].every(
        ({ rows }) => rows.length < BATCH,
      ),
    };
  });
}

/** Begins a new billing period for the organizations whose month is over; safe to repeat. */
export async function closeBillingPeriods(db: AppDatabase): Promise<void> {
  await sql`select reset_billing_period(now())`.execute(db);
}
