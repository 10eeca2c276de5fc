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

const setCeiling = ({ organizationId, chatbotId }: Tenant, micros: number | null) =>
  tenants.asTenant(organizationId, () =>
    database.query(
      `update chatbots set settings = settings || jsonb_build_object('monthlySpendCeilingMicros', $2::bigint) where id = $1`,
      [chatbotId, micros],
    ),
  );
const spend = ({ organizationId, chatbotId }: Tenant, micros: number | null) =>
  tenants.asTenant(organizationId, () =>
    database.query(`select add_chatbot_spend($1, $2, $3, $4)`, [
      organizationId,
      chatbotId,
      micros,
      micros === null ? 1 : 0,
    ]),
  );
const isUsedUp = async ({ chatbotId }: Tenant) =>
  (
    await tenants.one(`select is_spend_used_up(c) as is_used_up from chatbots c where id = $1`, [
      chatbotId,
    ])
  )["is_used_up"];
const alerts = async ({ chatbotId }: Tenant) =>
  (
    await database.query(
      `select alert_type, occurrences from system_alerts where chatbot_id = $1 order by id`,
      [chatbotId],
    )
  ).map((row) => `${String(row["alert_type"])} ${String(row["occurrences"])}`);
const spent = ({ chatbotId }: Tenant) =>
  tenants.one(
    `select spent_micros::integer as spent_micros, unpriced_rows from chatbot_spend where chatbot_id = $1`,
    [chatbotId],
  );

test("a ceiling warns once at 80 %, and once when it is reached", async () => {
  const tenant = await tenants.createTenant();
  await setCeiling(tenant, 1_000);
  await spend(tenant, 799);
  expect(await alerts(tenant)).toEqual([]);
  await spend(tenant, 1);
  await spend(tenant, 100);
  expect(await isUsedUp(tenant)).toBe(false);
  expect(await alerts(tenant)).toEqual(["spend_ceiling_warning 1"]);
  await spend(tenant, 100);
  await spend(tenant, 100);
  expect(await isUsedUp(tenant)).toBe(true);
  expect(await alerts(tenant)).toEqual(["spend_ceiling_warning 1", "spend_ceiling_reached 1"]);
});

test("a raised ceiling counts at once, and warns anew", async () => {
  const tenant = await tenants.createTenant();
  await setCeiling(tenant, 1_000);
  await spend(tenant, 1_500);
  await setCeiling(tenant, 2_000);
  expect(await isUsedUp(tenant)).toBe(false);
  await spend(tenant, 100);
  expect(await alerts(tenant)).toEqual(["spend_ceiling_reached 1", "spend_ceiling_warning 1"]);
});

test("a ceiling set below what is spent is reached at once, and none is never reached", async () => {
  const tenant = await tenants.createTenant();
  await spend(tenant, 5_000);
  expect(await isUsedUp(tenant)).toBe(false);
  await setCeiling(tenant, 1_000);
  expect(await isUsedUp(tenant)).toBe(true);
  expect(await alerts(tenant)).toEqual(["spend_ceiling_reached 1"]);
  await setCeiling(tenant, null);
  expect(await isUsedUp(tenant)).toBe(false);
});

test("a new billing period begins from nothing", async () => {
  const tenant = await tenants.createTenant();
  await setCeiling(tenant, 1_000);
  await spend(tenant, 1_000);
  await spend(tenant, null);
  await database.query(
    `update usage_summary set current_period_start = now() + interval '1 day' where organization_id = $1`,
    [tenant.organizationId],
  );
  expect(await isUsedUp(tenant)).toBe(false);
  await spend(tenant, 10);
  expect(await spent(tenant)).toEqual({ spent_micros: 10, unpriced_rows: 0 });
});

test("what has no known price is counted by itself, and not as free", async () => {
  const tenant = await tenants.createTenant();
  await spend(tenant, null);
  await spend(tenant, 10);
  await spend(tenant, null);
  expect(await spent(tenant)).toEqual({ spent_micros: 10, unpriced_rows: 2 });
});

test("a setting that is no number is no ceiling, and one chatbot's money is not another's", async () => {
  const tenant = await tenants.createTenant();
  const neighbour = { ...tenant, chatbotId: await tenants.createChatbot(tenant.organizationId) };
  await database.query(
    `update chatbots set settings = '{"monthlySpendCeilingMicros": "much"}' where id = $1`,
    [tenant.chatbotId],
  );
  await setCeiling(neighbour, 1_000);
  await spend(tenant, 1_000);
  expect(await isUsedUp(tenant)).toBe(false);
  expect(await isUsedUp(neighbour)).toBe(false);
});
