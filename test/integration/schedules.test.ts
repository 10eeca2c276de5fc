import { sql } from "kysely";
import { expect, test } from "vitest";
import type { AppDatabase } from "#store/database.ts";
import { claimTurns, ensureSchedule, finishTurn, type TurnOwner } from "#store/mailboxes.ts";
import { emptyDatabase } from "../support/test-database.ts";

function claim(db: AppDatabase) {
  return claimTurns(db, { worker: "me", places: 10, organizationCap: 10, documentPlaces: 2 });
}

async function claimOne(db: AppDatabase) {
  const [turn] = (await claim(db)).turns;
  if (turn === undefined) throw new Error("Claimed no turn");
  const owner: TurnOwner = { key: turn.key, fence: turn.fence, worker: "me" };
  return { turn, owner };
}

test("a schedule runs once, however many workers ask for it, and again when it says so", async () => {
  const { db } = await emptyDatabase();
  await ensureSchedule(db, { name: "maintenance", firstMs: 0 });
  await ensureSchedule(db, { name: "maintenance", firstMs: 0 });

  const { turn, owner } = await claimOne(db);
  const next = await finishTurn(db, owner, { status: "done", errorCode: null, nextMs: 60_000 });

  expect(turn).toMatchObject({ key: "schedule:maintenance", organizationId: null, messages: [] });
  expect(next).toMatchObject({ turn: null });
  expect((await claim(db)).nextDueMs).toBeGreaterThan(50_000);
});

test("a schedule that failed for good runs again in a minute, and operators are told", async () => {
  const database = await emptyDatabase();
  const { db } = database;
  await ensureSchedule(db, { name: "maintenance", firstMs: 0 });

  const { owner } = await claimOne(db);
  await finishTurn(db, owner, { status: "failed", errorCode: "INTERNAL", nextMs: null });

  const { turns, nextDueMs } = await claim(db);
  expect(turns).toEqual([]);
  expect(nextDueMs).toBeGreaterThan(50_000);
  expect(nextDueMs).toBeLessThanOrEqual(60_000);
  const { rows } = await database.asOwner((owner) =>
    sql`select organization_id, alert_type, error_code, message from system_alerts`.execute(owner),
  );
  expect(rows).toEqual([
    {
      organization_id: null,
      alert_type: "schedule_failed",
      error_code: "INTERNAL",
      message: "The schedule maintenance failed. It runs again in a minute.",
    },
  ]);
});

test("a schedule without a next run is revived by the next start", async () => {
  const database = await emptyDatabase();
  const { db } = database;
  await ensureSchedule(db, { name: "maintenance", firstMs: 0 });
  await database.asOwner((owner) => sql`update mailboxes set done_seq = last_seq`.execute(owner));
  expect((await claim(db)).turns).toEqual([]);

  await ensureSchedule(db, { name: "maintenance", firstMs: 0 });

  expect((await claimOne(db)).turn).toMatchObject({ key: "schedule:maintenance", attempt: 1 });
});
