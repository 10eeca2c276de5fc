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

test("a burst of the same alert is one row with a count, until someone acknowledges it or an hour is over", async () => {
  const tenant = await tenants.createTenant();
  const record = (code = "MODEL_TIMEOUT", chatbotId = tenant.chatbotId) =>
    tenants.asTenant(tenant.organizationId, () =>
      tenants.one(
        "select * from record_alert($1, 'error', 'turn_failed', $2, 'The model was too slow.', p_chatbot_id => $3)",
        [tenant.organizationId, code, chatbotId],
      ),
    );
  const first = await record();
  expect(first["is_new"]).toBe(true);
  expect(await record()).toEqual({ id: first["id"], is_new: false });
  expect(await record("MODEL_UNAVAILABLE")).toMatchObject({ is_new: true });
  expect(
    await record("MODEL_TIMEOUT", await tenants.createChatbot(tenant.organizationId)),
  ).toMatchObject({
    is_new: true,
  });
  expect(
    await tenants.one("select occurrences from system_alerts where id = $1", [first["id"]]),
  ).toEqual({
    occurrences: 2,
  });

  await database.query("update system_alerts set acknowledged_at = now() where id = $1", [
    first["id"],
  ]);
  const second = await record();
  expect(second["is_new"]).toBe(true);
  await database.query(
    "update system_alerts set first_occurred_at = now() - interval '61 minutes' where id = $1",
    [second["id"]],
  );
  expect(await record()).toMatchObject({ is_new: true });
  expect(
    await tenants.one("select occurrences from system_alerts where id = $1", [first["id"]]),
  ).toEqual({
    occurrences: 2,
  });
});

test("an alert of the platform belongs to no tenant", async () => {
  const tenant = await tenants.createTenant();
  const code = `TEST_${tenant.organizationId}`;
  const record = () =>
    tenants.one(
      "select * from record_alert(null, 'critical', 'disk_full', $1, 'The disk is full.')",
      [code],
    );
  const recorded = await tenants.asTenant(tenant.organizationId, record);
  expect(recorded["is_new"]).toBe(true);
  expect(
    await tenants.asTenant(tenant.organizationId, () =>
      database.query("select id from system_alerts"),
    ),
  ).toEqual([]);
});

test("the specification's two rows add a tool", async () => {
  const tenant = await tenants.createTenant();
  const statement = `
do $$
declare
  integration_id uuid;
begin
INSERT INTO org_integrations (
    organization_id,
    provider,
    name,
    description,
    credentials,
    settings
) VALUES (
    'org-uuid',
    'mcp',
    'hubspot_lookup',
    'Look up contact in HubSpot',
    '{"api_key": "encrypted_key"}',
    '{"mcp_server_url": "https://mcp-hubspot.example.com"}'
) returning id into integration_id;

INSERT INTO chatbot_integrations (
    chatbot_id,
    integration_id,
    enabled,
    tool_config
) VALUES (
    'chatbot-uuid',
    integration_id,
    true,
    '{"parameters": {"type": "object", "properties": {"email": {"type": "string"}}}}'
);
end $$`;
  const filled = statement
    .replace("org-uuid", tenant.organizationId)
    .replace("chatbot-uuid", tenant.chatbotId);
  await tenants.asTenant(tenant.organizationId, () => database.query(filled));
  const tool = await tenants.one(
    `select c.organization_id, c.enabled, i.settings ->> 'mcp_server_url' as url
     from chatbot_integrations c join org_integrations i on i.id = c.integration_id where c.chatbot_id = $1`,
    [tenant.chatbotId],
  );
  expect(tool).toEqual({
    organization_id: tenant.organizationId,
    enabled: true,
    url: "https://mcp-hubspot.example.com",
  });
});

test("an integration of another tenant cannot be given to a chatbot", async () => {
  const [own, foreign] = [await tenants.createTenant(), await tenants.createTenant()];
  const { id } = await tenants.one(
    "insert into org_integrations (organization_id, provider, name) values ($1, 'mcp', 'crm') returning id",
    [foreign.organizationId],
  );
  const give = () =>
    database.query(
      "insert into chatbot_integrations (chatbot_id, integration_id) values ($1, $2)",
      [own.chatbotId, id],
    );
  await expect(give()).rejects.toMatchObject({ code: "23503" });
});

async function runTool(tenant: Tenant, status: string, durationMs: number): Promise<void> {
  await database.query(
    "insert into tool_executions (chatbot_id, tool_name, tool_type, status, duration_ms) values ($1, 'crm', 'mcp', $2, $3)",
    [tenant.chatbotId, status, durationMs],
  );
}

test("the views and the specification's failure rate tell how tools do, to each tenant its own", async () => {
  const [own, foreign] = [await tenants.createTenant(), await tenants.createTenant()];
  for (const status of ["success", "success", "failed", "timeout"]) await runTool(own, status, 100);
  await runTool(foreign, "failed", 1);

  await tenants.asTenant(own.organizationId, async () => {
    expect(
      await database.query("select chatbot_name, status from recent_tool_failures order by status"),
    ).toEqual([
      { chatbot_name: "Bella", status: "failed" },
      { chatbot_name: "Bella", status: "timeout" },
    ]);
    expect(
      await tenants.one(`select total::int, successes::int, failures::int, timeouts::int, success_percent, duration_ms_mean,
        duration_ms_p95 from tool_usage_stats`),
    ).toEqual({
      total: 4,
      successes: 2,
      failures: 1,
      timeouts: 1,
      success_percent: 50,
      duration_ms_mean: 100,
      duration_ms_p95: 100,
    });
    const [rate] = await database.query(`SELECT
    tool_name,
    tool_type,
    COUNT(*) as total,
    COUNT(*) FILTER (WHERE status = 'failed') as failures,
    (COUNT(*) FILTER (WHERE status = 'failed')::float / COUNT(*)) * 100 as failure_rate
FROM tool_executions
WHERE created_at > NOW() - INTERVAL '7 days'
GROUP BY tool_name, tool_type
ORDER BY failure_rate DESC;`);
    expect(rate).toMatchObject({ tool_name: "crm", failure_rate: 25 });
  });
});

test("the specification's monitoring queries run as written", async () => {
  const tenant = await tenants.createTenant({ messages: 200 });
  await tenants.spend(tenant, { messages: 50 });
  const log = `insert into usage_logs (organization_id, chatbot_id, kind, model, tokens_prompt, tokens_completion, tokens_total)
    values ($1, $2, $3, 'demo:extractive', 20, 5, 25)`;
  await database.query(log, [tenant.organizationId, tenant.chatbotId, "answer"]);
  await database.query(log, [tenant.organizationId, tenant.chatbotId, "answer"]);
  await database.query(log, [tenant.organizationId, null, "embedding"]);
  await database.query("select record_alert($1, 'critical', 'x', 'Y', 'Z')", [
    tenant.organizationId,
  ]);

  await tenants.asTenant(tenant.organizationId, async () => {
    const failures = await database.query(`SELECT * FROM system_alerts
WHERE severity IN ('critical', 'error')
  AND created_at > NOW() - INTERVAL '24 hours'
ORDER BY created_at DESC;`);
    expect(failures).toHaveLength(1);
    const top = await tenants.one(`SELECT
    c.name,
    COUNT(*) as message_count,
    SUM(tokens_total) as total_tokens
FROM usage_logs ul
JOIN chatbots c ON ul.chatbot_id = c.id
WHERE ul.created_at > NOW() - INTERVAL '7 days'
GROUP BY c.id, c.name
ORDER BY message_count DESC
LIMIT 10;`);
    expect([top["name"], Number(top["message_count"]), Number(top["total_tokens"])]).toEqual([
      "Bella",
      2,
      50,
    ]);
    const usage = await tenants.one(
      `SELECT
    o.name,
    us.current_period_messages,
    o.message_limit_monthly,
    (us.current_period_messages::float / o.message_limit_monthly) * 100 as usage_percent
FROM organizations o
JOIN usage_summary us ON o.id = us.organization_id
WHERE o.id = 'your-org-id';`.replace("your-org-id", tenant.organizationId),
    );
    expect(usage["usage_percent"]).toBe(25);
  });
});

test("the program can add to the audit log, and neither change nor remove a line", async () => {
  const tenant = await tenants.createTenant();
  const { organizationId } = tenant;
  await tenants.asTenant(organizationId, () =>
    database.query(
      "insert into audit_logs (organization_id, actor_type, action) values ($1, 'operator', 'chatbot.created')",
      [organizationId],
    ),
  );
  for (const change of ["update audit_logs set action = 'x'", "delete from audit_logs"]) {
    await expect(
      tenants.asTenant(organizationId, () => database.query(change)),
    ).rejects.toMatchObject({
      code: "42501",
    });
  }
});

test("a machine's key is found by its hash until it is revoked or expires", async () => {
  const { organizationId } = await tenants.createTenant();
  const hash = Buffer.from(organizationId.replaceAll("-", "").repeat(2), "hex");
  await database.query(
    "insert into api_keys (organization_id, name, prefix, key_hash, scopes) values ($1, 'CI', 'pk_1234', $2, '{chat}')",
    [organizationId, hash],
  );
  const find = () => database.query("select organization_id, scopes from find_api_key($1)", [hash]);
  expect(await find()).toEqual([{ organization_id: organizationId, scopes: ["chat"] }]);
  await database.query(
    "update api_keys set expires_at = now() - interval '1 second' where key_hash = $1",
    [hash],
  );
  expect(await find()).toEqual([]);
  await database.query(
    "update api_keys set expires_at = null, revoked_at = now() where key_hash = $1",
    [hash],
  );
  expect(await find()).toEqual([]);
});

test("passwords and sessions are out of the program's reach, and tenants out of the sign-in's", async () => {
  const { organizationId } = await tenants.createTenant();
  for (const table of [
    "users",
    "sessions",
    "accounts",
    "verifications",
    "two_factors",
    "rate_limits",
  ]) {
    const read = () => database.query(`select 1 from ${table}`);
    await expect(tenants.asTenant(organizationId, read)).rejects.toMatchObject({
      code: "42501",
    });
  }
  await database.query("begin");
  await database.query("set local role parley_auth");
  const { id } = await tenants.one(
    "insert into organizations (name, slug) values ('New', 'new-' || gen_random_uuid()) returning id",
  );
  const { id: userId } = await tenants.one(
    "insert into users (name, email) values ('Ada', gen_random_uuid() || '@example.com') returning id",
  );
  await database.query(
    "insert into members (organization_id, user_id, role) values ($1, $2, 'owner')",
    [id, userId],
  );
  await expect(database.query("select 1 from messages")).rejects.toMatchObject({ code: "42501" });
  await database.query("rollback");
});
