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

const versions = ({ chatbotId }: Tenant) =>
  database.query(
    `select number, status, content ->> 'systemPrompt' as prompt, content ->> 'tone' as tone, author
     from prompt_versions where chatbot_id = $1 order by number`,
    [chatbotId],
  );
const promptOf = async ({ chatbotId }: Tenant) =>
  (await tenants.one(`select system_prompt from chatbots where id = $1`, [chatbotId]))[
    "system_prompt"
  ];
const setPrompt = ({ chatbotId }: Tenant, text: string) =>
  database.query(`update chatbots set system_prompt = $2 where id = $1`, [chatbotId, text]);
const publish = ({ chatbotId }: Tenant, number: number) =>
  database.query(
    `update chatbots set published_prompt_id =
       (select id from prompt_versions where chatbot_id = $1 and number = $2) where id = $1`,
    [chatbotId, number],
  );
const draft = (tenant: Tenant, content: object) =>
  database.query(
    `insert into prompt_versions (organization_id, chatbot_id, number, status, content, author)
     select $1, $2, max(number) + 1, 'draft', $3, 'somebody' from prompt_versions where chatbot_id = $2`,
    [tenant.organizationId, tenant.chatbotId, JSON.stringify(content)],
  );

test("a chatbot begins with version 1, published", async () => {
  const tenant = await tenants.createTenant();
  expect(await versions(tenant)).toMatchObject([{ number: 1, status: "published", prompt: "" }]);
});

test("a system prompt written by SQL is a new published version that keeps everything else", async () => {
  const tenant = await tenants.createTenant();
  await draft(tenant, { systemPrompt: "Two", tone: "warm" });
  await publish(tenant, 2);
  expect(await promptOf(tenant)).toBe("Two");

  await tenants.asTenant(tenant.organizationId, () => setPrompt(tenant, "Three"));
  await setPrompt(tenant, "Three");

  expect(await versions(tenant)).toMatchObject([
    { number: 1, status: "archived" },
    { number: 2, status: "archived", prompt: "Two", tone: "warm" },
    { number: 3, status: "published", prompt: "Three", tone: "warm", author: expect.any(String) },
  ]);
});

test("an earlier version goes into effect again, and the column follows", async () => {
  const tenant = await tenants.createTenant();
  await setPrompt(tenant, "Two");
  await setPrompt(tenant, "Three");
  await publish(tenant, 2);
  expect(await promptOf(tenant)).toBe("Two");
  expect(await versions(tenant)).toMatchObject([
    { status: "archived" },
    { status: "published" },
    { status: "archived" },
  ]);
});

test("a prompt written while there is a draft takes the next number and leaves the draft", async () => {
  const tenant = await tenants.createTenant();
  await draft(tenant, { systemPrompt: "Two" });
  await setPrompt(tenant, "Three");
  expect(await versions(tenant)).toMatchObject([
    { number: 1, status: "archived" },
    { number: 2, status: "draft" },
    { number: 3, status: "published" },
  ]);
  await expect(draft(tenant, {})).rejects.toThrow("prompt_versions_draft");
});

test("what was published once cannot be changed or removed by the program", async () => {
  const tenant = await tenants.createTenant();
  await setPrompt(tenant, "Two");
  const change = (statement: string) =>
    tenants.asTenant(tenant.organizationId, () => database.query(statement, [tenant.chatbotId]));
  await expect(
    change(`update prompt_versions set content = '{}' where chatbot_id = $1 and number = 2`),
  ).rejects.toThrow("cannot be changed");
  await expect(change(`delete from prompt_versions where chatbot_id = $1`)).rejects.toThrow(
    "permission denied",
  );
});

test("a version of another chatbot cannot be published", async () => {
  const tenant = await tenants.createTenant();
  const neighbour = {
    ...tenant,
    chatbotId: await tenants.createChatbot(tenant.organizationId),
  };
  const other = await tenants.createTenant();
  const publishFrom = (from: Tenant) =>
    database.query(
      `update chatbots set published_prompt_id =
         (select id from prompt_versions where chatbot_id = $2) where id = $1`,
      [tenant.chatbotId, from.chatbotId],
    );
  await expect(publishFrom(neighbour)).rejects.toThrow("no version");
  await expect(publishFrom(other)).rejects.toThrow("no version");
  const seen = await tenants.asTenant(other.organizationId, () => versions(tenant));
  expect(seen).toEqual([]);
});

test("the versions go with their chatbot", async () => {
  const tenant = await tenants.createTenant();
  await tenants.asTenant(tenant.organizationId, () =>
    database.query(`delete from chatbots where id = $1`, [tenant.chatbotId]),
  );
  expect(await versions(tenant)).toEqual([]);
});
