import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "./open-test-database.ts";
import { createSchemaTenants, type SchemaTenants, type Tenant } from "./schema-tenants.ts";

let database: TestDatabase;
let tenants: SchemaTenants;
beforeAll(async () => {
  database = await openTestDatabase();
  tenants = createSchemaTenants(database);
});
afterAll(() => database.close());

async function alertsOf({ organizationId }: Tenant): Promise<unknown[]> {
  const rows = await database.query(
    "select severity, alert_type, occurrences from system_alerts where organization_id = $1 order by id",
    [organizationId],
  );
  return rows.map((row) => [row["severity"], row["alert_type"], row["occurrences"]].join(" "));
}

async function stateOf(chatbotId: string): Promise<unknown> {
  return tenants.one("select is_active, disabled_reason from chatbots where id = $1", [chatbotId]);
}

const ON = { is_active: true, disabled_reason: null };
const OFF = { is_active: false, disabled_reason: "quota" };

test.each([
  { kind: "messages", limits: { messages: 10, tokens: 1000 }, step: { messages: 1 } },
  { kind: "tokens", limits: { messages: 1000, tokens: 100 }, step: { messages: 1, tokens: 10 } },
])(
  "at 80 % of the $kind there is one warning, at 100 % the chatbots go off",
  async ({ limits, step }) => {
    const tenant = await tenants.createTenant(limits);
    for (let count = 0; count < 7; count += 1) await tenants.spend(tenant, step);
    expect(await alertsOf(tenant)).toEqual([]);
    await tenants.spend(tenant, step);
    await tenants.spend(tenant, step);
    expect(await alertsOf(tenant)).toEqual(["warning quota_warning 1"]);
    expect(await stateOf(tenant.chatbotId)).toEqual(ON);
    await tenants.spend(tenant, step);
    await tenants.spend(tenant, step);
    expect(await alertsOf(tenant)).toEqual(["warning quota_warning 1", "critical quota_reached 1"]);
    expect(await stateOf(tenant.chatbotId)).toEqual(OFF);
  },
);

test("a raised limit and a lowered limit count at once", async () => {
  const tenant = await tenants.createTenant({ messages: 10 });
  const switchedOffByHand = await tenants.createChatbot(tenant.organizationId);
  await database.query(
    "update chatbots set is_active = false, disabled_reason = 'paused' where id = $1",
    [switchedOffByHand],
  );
  await tenants.spend(tenant, { messages: 10 });
  expect(await stateOf(tenant.chatbotId)).toEqual(OFF);

  const setLimit = (limit: number) =>
    database.query("update organizations set message_limit_monthly = $2 where id = $1", [
      tenant.organizationId,
      limit,
    ]);
  await setLimit(20);
  expect(await stateOf(tenant.chatbotId)).toEqual(ON);
  expect(await stateOf(switchedOffByHand)).toEqual({ is_active: false, disabled_reason: "paused" });
  await setLimit(5);
  expect(await stateOf(tenant.chatbotId)).toEqual(OFF);
});

test("no chatbot gets past a limit by being made or switched on afterwards", async () => {
  const tenant = await tenants.createTenant({ messages: 1 });
  await tenants.spend(tenant, { messages: 1 });
  const late = await tenants.createChatbot(tenant.organizationId);
  expect(await stateOf(late)).toEqual(OFF);
  await tenants.asTenant(tenant.organizationId, () =>
    database.query("update chatbots set is_active = true, disabled_reason = null"),
  );
  expect(await stateOf(tenant.chatbotId)).toEqual(OFF);
});

test("a new billing period starts from zero, with chatbots on and a warning to give again", async () => {
  const tenant = await tenants.createTenant({ messages: 10 });
  await tenants.spend(tenant, { messages: 12, tokens: 34 });

  const reset = await database.query("SELECT * FROM reset_billing_period();");

  expect(reset.find((row) => row["organization_id"] === tenant.organizationId)).toMatchObject({
    name: "Bakery",
    messages: 12,
    tokens: expect.toSatisfy((tokens) => Number(tokens) === 34),
  });
  expect(await stateOf(tenant.chatbotId)).toEqual(ON);
  const usage = await tenants.one("select * from get_current_usage($1)", [tenant.organizationId]);
  expect(usage).toMatchObject({
    current_period_messages: 0,
    messages_percent: 0,
    limit_reached_at: null,
  });
  await tenants.spend(tenant, { messages: 8 });
  expect(await alertsOf(tenant)).toEqual(["critical quota_reached 1", "warning quota_warning 1"]);
});

test("a scheduled reset touches only organizations whose month is over, and only once", async () => {
  const tenant = await tenants.createTenant();
  await database.query(
    "update organizations set billing_period_start = '2026-01-31T00:00:00Z' where id = $1",
    [tenant.organizationId],
  );
  await database.query(
    "update usage_summary set current_period_start = '2026-01-31T00:00:00Z' where organization_id = $1",
    [tenant.organizationId],
  );
  await tenants.spend(tenant, { messages: 3 });
  const resetBy = async (time: string) => {
    const rows = await database.query(
      "select current_period_start as start from reset_billing_period($1) where organization_id = $2",
      [time, tenant.organizationId],
    );
    return rows.map((row) =>
      row["start"] instanceof Date ? row["start"].toISOString() : row["start"],
    );
  };

  expect(await resetBy("2026-02-27T23:00:00Z")).toEqual([]);
  expect(await resetBy("2026-03-30T12:00:00Z")).toEqual(["2026-02-28T00:00:00.000Z"]);
  expect(await resetBy("2026-03-30T13:00:00Z")).toEqual([]);
  expect(await resetBy("2026-06-30T13:00:00Z"), "after a long downtime").toEqual([
    "2026-05-31T00:00:00.000Z",
  ]);
});

test("a tenant sees its own usage and nobody else's", async () => {
  const [own, foreign] = [
    await tenants.createTenant({ messages: 200 }),
    await tenants.createTenant(),
  ];
  await tenants.spend(own, { messages: 50 });
  const read = (id: string) =>
    database.query("select messages_percent from get_current_usage($1)", [id]);
  expect(await tenants.asTenant(own.organizationId, () => read(own.organizationId))).toEqual([
    { messages_percent: 25 },
  ]);
  expect(await tenants.asTenant(own.organizationId, () => read(foreign.organizationId))).toEqual(
    [],
  );
});
