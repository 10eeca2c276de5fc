import { sql } from "kysely";
import { expect, test } from "vitest";
import { postUndeliveredAlerts } from "#store/alerts.ts";
import type { Database } from "#store/database.ts";
import { startSlack } from "../support/start-slack.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";

/** An alert whose way to Slack has ended without success. */
async function leaveAlert(
  { database, createChatbot }: TestWorld,
  alert: { readonly message: string; readonly ageHours: number; readonly acknowledged?: "yes" },
): Promise<void> {
  const { organizationId } = await createChatbot();
  await database.asOwner((db) =>
    sql`insert into system_alerts (organization_id, severity, alert_type, message, created_at, acknowledged_at)
      values (${organizationId}, 'warning', 'handoff', ${alert.message},
        now() - ${alert.ageHours} * interval '1 hour',
        ${alert.acknowledged === undefined ? null : new Date()})`.execute(db),
  );
}

const hasten = ({ database }: TestWorld) =>
  database.asOwner((db) =>
    sql`update mailboxes set run_at = now() where key = 'schedule:maintenance'`.execute(db),
  );

async function postedAlerts(database: Database): Promise<readonly unknown[]> {
  const { rows } = await database.asOwner((db) =>
    sql`select a.message from mailboxes m, jsonb_array_elements(m.messages) posted
      join system_alerts a on a.id = (posted ->> 'alertId')::uuid
      where m.handler = 'alerts'`.execute(db),
  );
  return rows;
}

test("an alert that Slack was away for reaches it within the hour, and once", async () => {
  await using slack = await startSlack();
  await using world = await startWorld({ SLACK_WEBHOOK_URL: slack.url });
  await leaveAlert(world, { message: "Somebody waits.", ageHours: 1 });

  await hasten(world);

  expect(JSON.stringify(await slack.nextPost())).toContain("Somebody waits.");
  const unnotified = async () => {
    const { rows } = await world.database.asOwner((db) =>
      sql`select 1 from system_alerts where notified_at is null`.execute(db),
    );
    return rows.length;
  };
  await expect.poll(unnotified, { timeout: 10_000 }).toBe(0);
  await postUndeliveredAlerts(world.database.db);
  expect(await postedAlerts(world.database)).toEqual([]);
});

test("an alert that is on its way, old or seen is not posted again", async () => {
  await using world = await startWorld({}, { parts: ["serve"] });
  await leaveAlert(world, { message: "new", ageHours: 1 });
  await leaveAlert(world, { message: "old", ageHours: 25 });
  await leaveAlert(world, { message: "seen", ageHours: 1, acknowledged: "yes" });

  await postUndeliveredAlerts(world.database.db);
  await postUndeliveredAlerts(world.database.db);

  expect(await postedAlerts(world.database)).toEqual([{ message: "new" }]);
});

test("without Slack no alert is posted again", async () => {
  await using world = await startWorld();
  await leaveAlert(world, { message: "Somebody waits.", ageHours: 1 });

  await hasten(world);

  const runs = async () => {
    const { rows } = await world.database.asOwner((db) =>
      sql`select 1 from turns where key = 'schedule:maintenance'`.execute(db),
    );
    return rows.length;
  };
  await expect.poll(runs, { timeout: 10_000 }).toBe(1);
  expect(await postedAlerts(world.database)).toEqual([]);
});
