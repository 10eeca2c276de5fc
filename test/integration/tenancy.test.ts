import { sql } from "kysely";
import { expect, test } from "vitest";
import type { OrganizationId } from "#domain/ids.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import { startWorld } from "../support/start-world.ts";

/** Reachable without a tenant on purpose: none of them knows an organization. */
const WITHOUT_TENANT = new Set(["workers", "key_ring_check"]);

/** Tables of the accounts, which only the role `parley_auth` may read. */
async function tablesFor(db: AppDatabase): Promise<readonly { name: string; readable: boolean }[]> {
  const { rows } = await sql<{ name: string; readable: boolean }>`
    select c.relname as name, has_table_privilege(current_user, c.oid, 'select') as readable
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
      and c.relname not like 'kysely\_%' order by 1`.execute(db);
  return rows;
}

/** Fills every tenant table with a row of each of two organizations, by using the product. */
async function twoTenants(world: Awaited<ReturnType<typeof startWorld>>) {
  const [a, b] = [await world.createChatbot(), await world.createChatbot()];
  for (const { phoneNumberId } of [a, b]) {
    world.simulator.customerSends({
      phoneNumberId,
      customer: "ana",
      content: { type: "text", text: "Hi" },
    });
    await world.simulator.nextReply("ana");
  }
  return { a, b };
}

test("without a tenant the runtime role sees no row of any table that it may read", async () => {
  await using world = await startWorld();
  await twoTenants(world);
  const { db } = world.database;

  const seen: Record<string, number> = {};
  for (const { name, readable } of await tablesFor(db)) {
    if (!readable || WITHOUT_TENANT.has(name)) continue;
    const { rows } = await sql<{
      n: number;
    }>`select count(*)::int as n from ${sql.table(name)}`.execute(db);
    seen[name] = rows[0]?.n ?? -1;
  }

  expect(Object.keys(seen).length).toBeGreaterThan(20);
  expect(Object.entries(seen).filter(([, rows]) => rows !== 0)).toEqual([]);
});

test("every table with an organization is under forced row-level security", async () => {
  await using world = await startWorld();

  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not (c.relrowsecurity and c.relforcerowsecurity)`.execute(world.database.db);

  expect(rows).toEqual([]);
});

test("a tenant that asks for another's rows by id gets none", async () => {
  await using world = await startWorld();
  const { a, b } = await twoTenants(world);

  const seen = await asTenant(world.database.db, a.organizationId, async (tenant) => ({
    own: await tenant.selectFrom("messages").select("id").execute(),
    others: await tenant
      .selectFrom("messages")
      .select("id")
      .where("organization_id", "=", b.organizationId)
      .execute(),
    chatbot: await tenant
      .selectFrom("chatbots")
      .select("id")
      .where("id", "=", b.chatbotId)
      .execute(),
  }));

  expect(seen.own).toHaveLength(2);
  expect(seen).toMatchObject({ others: [], chatbot: [] });
});

test("a tenant cannot write a row for another one", async () => {
  await using world = await startWorld();
  const { a, b } = await twoTenants(world);

  const writing = asTenant(world.database.db, a.organizationId, (tenant) =>
    tenant
      .insertInto("contacts")
      .values({ organization_id: b.organizationId, chatbot_id: b.chatbotId, phone: "15550001111" })
      .execute(),
  );

  await expect(writing).rejects.toMatchObject({ code: "42501" });
});

test("an id that is no uuid cannot open the tenant's door", async () => {
  await using world = await startWorld();

  const opening = async () =>
    asTenant(world.database.db, "x'; drop table messages; --" as OrganizationId, async () => {});

  await expect(opening()).rejects.toThrow("Invalid UUID");
});

test("a thousand webhooks of a hundred tenants at once cross no border", async () => {
  await using world = await startWorld({ WORKER_PLACES: "100" });
  const { simulator } = world;
  simulator.setFaults({ statuses: { none: true } }); // three more webhooks for each answer
  const chatbots = await Promise.all(Array.from({ length: 100 }, () => world.createChatbot()));
  const sent = Array.from({ length: 1000 }, (_, index) => ({
    chatbot: chatbots[index % 100],
    customer: `+4477009${String(10_000 + (index % 500))}`,
    text: `secret-${index % 100}-${index}`,
  }));

  for (const { chatbot, customer, text } of sent)
    simulator.customerSends({
      phoneNumberId: chatbot?.phoneNumberId ?? "",
      customer: { id: customer, name: customer, phone: customer },
      content: { type: "text", text },
    });
  const textsOf = (message: unknown) => JSON.stringify(message).match(/secret-\d+-\d+/g) ?? [];
  await simulator.waitFor(
    () => new Set(simulator.sent.flatMap((message) => textsOf(message.body))).size === 1000,
    110_000,
  );

  const tenantOf = new Map(
    chatbots.map((chatbot, index) => [chatbot.phoneNumberId, String(index)]),
  );
  for (const message of simulator.sent)
    for (const text of textsOf(message.body))
      expect(text.split("-")[1]).toBe(tenantOf.get(message.phoneNumberId));
  const { rows } = await world.database.asOwner((db) =>
    sql<{ strays: number; answered: number }>`
      select count(*) filter (where m.organization_id <> c.organization_id)::int as strays, count(*)::int as answered
      from messages m join chatbots c on c.id = m.chatbot_id where m.direction = 'inbound'`.execute(
      db,
    ),
  );
  expect(rows[0]).toEqual({ strays: 0, answered: 1000 });
}, 120_000);
