import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase, type Rows, type TestDatabase } from "./open-test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const DIMENSIONS = 1536;

/** A dense vector at `cosine` to `axis(seed)`: what embeddings look like, with a known similarity. */
function vectorAt(cosine: number, seed = 1): string {
  const base = signs(seed);
  const other = signs(seed + 1000);
  const overlap =
    base.reduce((sum, sign, index) => sum + sign * (other[index] ?? 0), 0) / DIMENSIONS;
  const right = other.map((sign, index) => sign - overlap * (base[index] ?? 0));
  const length = Math.sqrt(right.reduce((sum, part) => sum + part * part, 0) / DIMENSIONS);
  const sine = Math.sqrt(1 - cosine * cosine);
  return JSON.stringify(
    base.map((sign, index) => cosine * sign + (sine * (right[index] ?? 0)) / length),
  );
}

function signs(seed: number): number[] {
  let state = seed * 2654435761;
  return Array.from({ length: DIMENSIONS }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state & 0x8000_0000 ? 1 : -1;
  });
}

async function one(
  text: string,
  values: readonly unknown[] = [],
): Promise<Readonly<Record<string, unknown>>> {
  const rows = await database.query(text, values);
  const [first] = rows;
  if (first === undefined || rows.length > 1)
    throw new Error(`expected one row, got ${rows.length}`);
  return first;
}

type Tenant = { readonly organizationId: string; readonly chatbotId: string };

async function createTenant(limits: { messages?: number; tokens?: number } = {}): Promise<Tenant> {
  const { id: organizationId } = await one(
    `insert into organizations (name, slug, message_limit_monthly, token_limit_monthly)
     values ('Bakery', 'bakery-' || gen_random_uuid(), $1, $2) returning id`,
    [limits.messages ?? 1000, limits.tokens ?? 1_000_000],
  );
  return {
    organizationId: String(organizationId),
    chatbotId: await createChatbot(String(organizationId)),
  };
}

async function createChatbot(organizationId: string): Promise<string> {
  const { id } = await one(
    `insert into chatbots (organization_id, name, whatsapp_phone_number_id, whatsapp_access_token, model, failure_message)
     values ($1, 'Bella', gen_random_uuid()::text, 'sealed', 'demo:extractive', 'Sorry, try later.') returning id`,
    [organizationId],
  );
  return String(id);
}

async function createSource({ chatbotId }: Tenant, name = "Price list"): Promise<string> {
  const { id } = await one(
    "insert into knowledge_sources (chatbot_id, source_type, name) values ($1, 'pdf', $2) returning id",
    [chatbotId, name],
  );
  return String(id);
}

type Passage = { readonly content: string; readonly embedding: string; readonly terms?: string };

async function addPassages(
  tenant: Tenant,
  sourceId: string,
  passages: readonly Passage[],
): Promise<void> {
  await database.query(
    `with added as (
       insert into document_chunks (organization_id, chatbot_id, source_id, position, content, page, embedding_model, embedding)
       select $1, $2, $3, p.ordinality, p.value ->> 'content', p.ordinality, 'test', (p.value ->> 'embedding')::halfvec
       from jsonb_array_elements($4::jsonb) with ordinality p returning id, position)
     insert into chunk_terms (chunk_id, organization_id, chatbot_id, terms)
     select added.id, $1, $2, coalesce(p.value ->> 'terms', '{}/1000000000')::sparsevec
     from added join jsonb_array_elements($4::jsonb) with ordinality p on p.ordinality = added.position`,
    [tenant.organizationId, tenant.chatbotId, sourceId, JSON.stringify(passages)],
  );
}

/** Runs as the program does: as parley_app, in a transaction that has said which tenant. */
async function asTenant<Result>(
  organizationId: string,
  work: () => Promise<Result>,
): Promise<Result> {
  await database.query("begin");
  try {
    await database.query(
      "select set_config('role', 'parley_app', true), set_config('app.organization_id', $1, true)",
      [organizationId],
    );
    const result = await work();
    await database.query("commit");
    return result;
  } catch (error) {
    await database.query("rollback");
    throw error;
  }
}

function contents(rows: Rows): unknown[] {
  return rows.map((row) => row["content"]);
}

test("search_knowledge_base finds the nearest passages of its chatbot above the threshold", async () => {
  const tenant = await createTenant();
  const sourceId = await createSource(tenant, "Manual");
  await addPassages(tenant, sourceId, [
    { content: "near", embedding: vectorAt(0.95) },
    { content: "off topic", embedding: vectorAt(0.2) },
    { content: "nearest", embedding: vectorAt(0.99) },
    { content: "just below", embedding: vectorAt(0.69) },
  ]);
  const neighbour = { ...tenant, chatbotId: await createChatbot(tenant.organizationId) };
  await addPassages(neighbour, await createSource(neighbour), [
    { content: "of another", embedding: vectorAt(1) },
  ]);

  const found = await database.query("select * from search_knowledge_base($1, $2)", [
    tenant.chatbotId,
    vectorAt(1),
  ]);

  expect(contents(found)).toEqual(["nearest", "near"]);
  expect(found[0]).toMatchObject({ source_id: sourceId, source_name: "Manual", page: 3 });
  expect(Number(found[0]?.["similarity"])).toBeCloseTo(0.99, 2);
  const named = await database.query(
    "select * from search_knowledge_base(chatbot_id => $1, query_embedding => $2, top_k => 1, threshold => 0.1)",
    [tenant.chatbotId, vectorAt(1)],
  );
  expect(contents(named)).toEqual(["nearest"]);
  const all = await database.query("select * from search_knowledge_base($1, $2, 10, 0.1)", [
    tenant.chatbotId,
    vectorAt(1),
  ]);
  expect(contents(all)).toEqual(["nearest", "near", "just below", "off topic"]);
});

test("knowledge stays inside its organization, whichever chatbot is asked for", async () => {
  const [own, foreign] = [await createTenant(), await createTenant()];
  for (const tenant of [own, foreign]) {
    const passage = { content: "secret", embedding: vectorAt(1), terms: "{7:1}/1000000000" };
    await addPassages(tenant, await createSource(tenant), [passage]);
  }
  const search = async (chatbotId: string) => [
    (await database.query("select id from search_knowledge_base($1, $2)", [chatbotId, vectorAt(1)]))
      .length,
    (
      await database.query("select id from search_knowledge($1, $2, '{7}')", [
        chatbotId,
        vectorAt(1),
      ])
    ).length,
  ];

  expect(await asTenant(own.organizationId, () => search(own.chatbotId))).toEqual([1, 1]);
  expect(await asTenant(own.organizationId, () => search(foreign.chatbotId))).toEqual([0, 0]);
  await expect(
    asTenant(own.organizationId, () => createSource(foreign)),
    "a row for a chatbot of another tenant",
  ).rejects.toMatchObject({ code: expect.stringMatching(/^(23502|42501)$/) });
});

test("fused search joins the words and the meaning, and works with either alone", async () => {
  const tenant = await createTenant();
  await addPassages(tenant, await createSource(tenant), [
    { content: "both", embedding: vectorAt(0.9), terms: "{5:1.2,9:0.4}/1000000000" },
    { content: "words", embedding: vectorAt(0.1), terms: "{5:1.5}/1000000000" },
    { content: "meaning", embedding: vectorAt(0.99), terms: "{11:1}/1000000000" },
    { content: "neither", embedding: vectorAt(0.05), terms: "{12:1}/1000000000" },
  ]);
  const search = async (embedding: string | null, terms: readonly number[], limit: number) =>
    contents(
      await database.query("select content from search_knowledge($1, $2, $3, $4)", [
        tenant.chatbotId,
        embedding,
        terms,
        limit,
      ]),
    );

  expect(await search(vectorAt(1), [5, 9], 1)).toEqual(["both"]);
  expect(await search(null, [5], 5)).toEqual(["words", "both"]);
  expect(await search(vectorAt(1), [], 2)).toEqual(["meaning", "both"]);
  expect(await search(null, [], 5)).toEqual([]);
});

test("document frequencies follow passages in and out", async () => {
  const tenant = await createTenant();
  const [kept, removed] = [await createSource(tenant), await createSource(tenant)];
  const embedding = vectorAt(1);
  await addPassages(tenant, kept, [{ content: "a", embedding, terms: "{3:1,8:2}/1000000000" }]);
  await addPassages(tenant, removed, [
    { content: "b", embedding, terms: "{3:1}/1000000000" },
    { content: "c", embedding, terms: "{3:1,1000000000:2}/1000000000" },
  ]);
  const frequencies = async () => {
    const rows = await database.query(
      "select term, document_frequency as n from chatbot_terms where chatbot_id = $1 and document_frequency > 0 order by term",
      [tenant.chatbotId],
    );
    return rows.map((row) => [row["term"], row["n"]]);
  };

  expect(await frequencies()).toEqual([
    [0, 3],
    [3, 3],
    [8, 1],
    [1_000_000_000, 1],
  ]);
  await asTenant(tenant.organizationId, () =>
    database.query("delete from knowledge_sources where id = $1", [removed]),
  );
  expect(await frequencies()).toEqual([
    [0, 1],
    [3, 1],
    [8, 1],
  ]);
});

test("deleting an organization leaves nothing of it behind", async () => {
  const tenant = await createTenant({ messages: 1 });
  const passage = { content: "a", embedding: vectorAt(1), terms: "{3:1}/1000000000" };
  await addPassages(tenant, await createSource(tenant), [passage]);
  await spend(tenant, { messages: 1 });
  await asTenant(tenant.organizationId, () =>
    database.query(
      "insert into audit_logs (organization_id, actor_type, action) values ($1, 'system', 'x.y')",
      [tenant.organizationId],
    ),
  );

  await database.query("delete from organizations where id = $1", [tenant.organizationId]);

  const tables = await database.query(
    `select c.table_name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'public' and c.column_name = 'organization_id' and t.table_type = 'BASE TABLE'`,
  );
  expect(tables.length).toBeGreaterThan(20);
  for (const { table_name: name } of tables) {
    const left = await database.query(`select 1 from ${String(name)} where organization_id = $1`, [
      tenant.organizationId,
    ]);
    expect(left, String(name)).toEqual([]);
  }
});

async function spend(tenant: Tenant, used: { messages?: number; tokens?: number }): Promise<void> {
  await asTenant(tenant.organizationId, () =>
    database.query(
      `update usage_summary set current_period_messages = current_period_messages + $2,
         current_period_tokens = current_period_tokens + $3 where organization_id = $1`,
      [tenant.organizationId, used.messages ?? 0, used.tokens ?? 0],
    ),
  );
}

async function alertsOf({ organizationId }: Tenant): Promise<unknown[]> {
  const rows = await database.query(
    "select severity, alert_type, occurrences from system_alerts where organization_id = $1 order by id",
    [organizationId],
  );
  return rows.map((row) => `${row["severity"]} ${row["alert_type"]} ${row["occurrences"]}`);
}

async function stateOf(chatbotId: string): Promise<unknown> {
  return one("select is_active, disabled_reason from chatbots where id = $1", [chatbotId]);
}

const ON = { is_active: true, disabled_reason: null };
const OFF = { is_active: false, disabled_reason: "quota" };

test.each([
  ["messages", { messages: 10, tokens: 1000 }, { messages: 1 }, 7],
  ["tokens", { messages: 1000, tokens: 100 }, { messages: 1, tokens: 10 }, 7],
])(
  "80 %% of the %s warns once, 100 %% switches the chatbots off once",
  async (_, limits, step, before) => {
    const tenant = await createTenant(limits);
    for (let count = 0; count < before; count += 1) await spend(tenant, step);
    expect(await alertsOf(tenant)).toEqual([]);
    await spend(tenant, step);
    await spend(tenant, step);
    expect(await alertsOf(tenant)).toEqual(["warning quota_warning 1"]);
    expect(await stateOf(tenant.chatbotId)).toEqual(ON);
    await spend(tenant, step);
    await spend(tenant, step);
    expect(await alertsOf(tenant)).toEqual(["warning quota_warning 1", "critical quota_reached 1"]);
    expect(await stateOf(tenant.chatbotId)).toEqual(OFF);
  },
);

test("a raised limit and a lowered limit count at once", async () => {
  const tenant = await createTenant({ messages: 10 });
  const switchedOffByHand = await createChatbot(tenant.organizationId);
  await database.query(
    "update chatbots set is_active = false, disabled_reason = 'paused' where id = $1",
    [switchedOffByHand],
  );
  await spend(tenant, { messages: 10 });
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
  const tenant = await createTenant({ messages: 1 });
  await spend(tenant, { messages: 1 });
  const late = await createChatbot(tenant.organizationId);
  expect(await stateOf(late)).toEqual(OFF);
  await asTenant(tenant.organizationId, () =>
    database.query("update chatbots set is_active = true, disabled_reason = null"),
  );
  expect(await stateOf(tenant.chatbotId)).toEqual(OFF);
});

test("a new billing period starts from zero, with chatbots on and a warning to give again", async () => {
  const tenant = await createTenant({ messages: 10 });
  await spend(tenant, { messages: 12, tokens: 34 });

  const reset = await database.query("SELECT * FROM reset_billing_period();");

  expect(reset.find((row) => row["organization_id"] === tenant.organizationId)).toMatchObject({
    name: "Bakery",
    messages: 12,
    tokens: expect.toSatisfy((tokens) => Number(tokens) === 34),
  });
  expect(await stateOf(tenant.chatbotId)).toEqual(ON);
  const usage = await one("select * from get_current_usage($1)", [tenant.organizationId]);
  expect(usage).toMatchObject({
    current_period_messages: 0,
    messages_percent: 0,
    limit_reached_at: null,
  });
  await spend(tenant, { messages: 8 });
  expect(await alertsOf(tenant)).toEqual(["critical quota_reached 1", "warning quota_warning 1"]);
});

test("a scheduled reset touches only organizations whose month is over, and only once", async () => {
  const tenant = await createTenant();
  await database.query(
    "update organizations set billing_period_start = '2026-01-31T00:00:00Z' where id = $1",
    [tenant.organizationId],
  );
  await database.query(
    "update usage_summary set current_period_start = '2026-01-31T00:00:00Z' where organization_id = $1",
    [tenant.organizationId],
  );
  await spend(tenant, { messages: 3 });
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
  const [own, foreign] = [await createTenant({ messages: 200 }), await createTenant()];
  await spend(own, { messages: 50 });
  const read = (id: string) =>
    database.query("select messages_percent from get_current_usage($1)", [id]);
  expect(await asTenant(own.organizationId, () => read(own.organizationId))).toEqual([
    { messages_percent: 25 },
  ]);
  expect(await asTenant(own.organizationId, () => read(foreign.organizationId))).toEqual([]);
});

test("a burst of the same alert is one row with a count, until someone acknowledges it or an hour is over", async () => {
  const tenant = await createTenant();
  const record = (code = "MODEL_TIMEOUT", chatbotId = tenant.chatbotId) =>
    asTenant(tenant.organizationId, () =>
      one(
        "select * from record_alert($1, 'error', 'turn_failed', $2, 'The model was too slow.', p_chatbot_id => $3)",
        [tenant.organizationId, code, chatbotId],
      ),
    );
  const first = await record();
  expect(first["is_new"]).toBe(true);
  expect(await record()).toEqual({ id: first["id"], is_new: false });
  expect(await record("MODEL_UNAVAILABLE")).toMatchObject({ is_new: true });
  expect(await record("MODEL_TIMEOUT", await createChatbot(tenant.organizationId))).toMatchObject({
    is_new: true,
  });
  expect(await one("select occurrences from system_alerts where id = $1", [first["id"]])).toEqual({
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
  expect(await one("select occurrences from system_alerts where id = $1", [first["id"]])).toEqual({
    occurrences: 2,
  });
});

test("an alert of the platform belongs to no tenant", async () => {
  const tenant = await createTenant();
  const code = `TEST_${tenant.organizationId}`;
  const record = () =>
    one("select * from record_alert(null, 'critical', 'disk_full', $1, 'The disk is full.')", [
      code,
    ]);
  const recorded = await asTenant(tenant.organizationId, record);
  expect(recorded["is_new"]).toBe(true);
  expect(
    await asTenant(tenant.organizationId, () => database.query("select id from system_alerts")),
  ).toEqual([]);
});

test("the specification's two rows add a tool", async () => {
  const tenant = await createTenant();
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
  await asTenant(tenant.organizationId, () => database.query(filled));
  const tool = await one(
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
  const [own, foreign] = [await createTenant(), await createTenant()];
  const { id } = await one(
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
  const [own, foreign] = [await createTenant(), await createTenant()];
  for (const status of ["success", "success", "failed", "timeout"]) await runTool(own, status, 100);
  await runTool(foreign, "failed", 1);

  await asTenant(own.organizationId, async () => {
    expect(
      await database.query("select chatbot_name, status from recent_tool_failures order by status"),
    ).toEqual([
      { chatbot_name: "Bella", status: "failed" },
      { chatbot_name: "Bella", status: "timeout" },
    ]);
    expect(
      await one(`select total::int, successes::int, failures::int, timeouts::int, success_percent, duration_ms_mean,
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
  const tenant = await createTenant({ messages: 200 });
  await spend(tenant, { messages: 50 });
  const log = `insert into usage_logs (organization_id, chatbot_id, kind, model, tokens_prompt, tokens_completion, tokens_total)
    values ($1, $2, $3, 'demo:extractive', 20, 5, 25)`;
  await database.query(log, [tenant.organizationId, tenant.chatbotId, "answer"]);
  await database.query(log, [tenant.organizationId, tenant.chatbotId, "answer"]);
  await database.query(log, [tenant.organizationId, null, "embedding"]);
  await database.query("select record_alert($1, 'critical', 'x', 'Y', 'Z')", [
    tenant.organizationId,
  ]);

  await asTenant(tenant.organizationId, async () => {
    const failures = await database.query(`SELECT * FROM system_alerts
WHERE severity IN ('critical', 'error')
  AND created_at > NOW() - INTERVAL '24 hours'
ORDER BY created_at DESC;`);
    expect(failures).toHaveLength(1);
    const top = await one(`SELECT
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
    const usage = await one(
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
  const tenant = await createTenant();
  const { organizationId } = tenant;
  await asTenant(organizationId, () =>
    database.query(
      "insert into audit_logs (organization_id, actor_type, action) values ($1, 'operator', 'chatbot.created')",
      [organizationId],
    ),
  );
  for (const change of ["update audit_logs set action = 'x'", "delete from audit_logs"]) {
    await expect(asTenant(organizationId, () => database.query(change))).rejects.toMatchObject({
      code: "42501",
    });
  }
});

test("a machine's key is found by its hash until it is revoked or expires", async () => {
  const { organizationId } = await createTenant();
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
  const { organizationId } = await createTenant();
  for (const table of [
    "users",
    "sessions",
    "accounts",
    "verifications",
    "two_factors",
    "rate_limits",
  ]) {
    const read = () => database.query(`select 1 from ${table}`);
    await expect(asTenant(organizationId, read), table).rejects.toMatchObject({ code: "42501" });
  }
  await database.query("begin");
  await database.query("set local role parley_auth");
  const { id } = await one(
    "insert into organizations (name, slug) values ('New', 'new-' || gen_random_uuid()) returning id",
  );
  const { id: userId } = await one(
    "insert into users (name, email) values ('Ada', gen_random_uuid() || '@example.com') returning id",
  );
  await database.query(
    "insert into members (organization_id, user_id, role) values ($1, $2, 'owner')",
    [id, userId],
  );
  await expect(database.query("select 1 from messages")).rejects.toMatchObject({ code: "42501" });
  await database.query("rollback");
});
