import { sql } from "kysely";
import { expect, test } from "vitest";
import { asTenant, type TenantDatabase } from "#store/as-tenant.ts";
import {
  openKnowledgeWorld,
  type KnowledgeWorld,
  type Learner,
} from "../support/knowledge-world.ts";
import { until } from "../support/until.ts";

/** Runs the first, then the second while the first's transaction is open, until it waits for a lock; then `last`. */
async function overlap(
  world: KnowledgeWorld,
  { organizationId }: Learner,
  steps: {
    readonly first: (tenant: TenantDatabase) => Promise<unknown>;
    readonly second: () => Promise<unknown>;
    readonly last: (tenant: TenantDatabase) => Promise<unknown>;
  },
): Promise<void> {
  let second: Promise<unknown> = Promise.resolve();
  await asTenant(world.database.db, organizationId, async (tenant) => {
    await steps.first(tenant);
    second = steps.second();
    await until(async () => {
      const waiting = await world.rows(
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return waiting.length > 0;
    }, 10_000);
    await steps.last(tenant);
  });
  await second;
}

const ENGLISH = "The house is open every day and the garden is closed in the winter. ".repeat(20);

test("the end of a document does not deadlock with an answer that switches the chatbot off", async ({
  skip,
}) => {
  await using world = await openKnowledgeWorld();
  if (world.database.kind === "embedded") skip("one connection: nobody else can hold a lock");
  const learner = await world.createLearner();
  const sourceId = await world.upload(learner, { text: ENGLISH });

  await overlap(world, learner, {
    first: (tenant) => sql`update usage_summary set current_period_messages = 1`.execute(tenant),
    second: world.work,
    last: (tenant) =>
      sql`update chatbots set is_active = false where id = ${learner.chatbotId}`.execute(tenant),
  });

  expect(
    await world.rows("select count(*)::integer as attempts from turns where attempt > 1"),
  ).toEqual([{ attempts: 0 }]);
  expect((await world.source(learner, sourceId))?.status).toBe("synced");
});

test("documents that end at the same time all count among the chatbot's languages", async ({
  skip,
}) => {
  await using world = await openKnowledgeWorld();
  if (world.database.kind === "embedded") skip("one connection: nobody else can hold a lock");
  const learner = await world.createLearner();
  await world.upload(learner, { name: "A", text: ENGLISH });
  await world.upload(learner, { name: "B", text: ENGLISH });
  const speak = (tenant: TenantDatabase, name: string, language: string) =>
    sql`update knowledge_sources set language = ${language} where name = ${name}`.execute(tenant);

  await overlap(world, learner, {
    first: (tenant) => speak(tenant, "A", "en"),
    second: () =>
      asTenant(world.database.db, learner.organizationId, (tenant) => speak(tenant, "B", "de")),
    last: async () => {},
  });

  expect(await world.rows("select knowledge_languages as languages from chatbots")).toEqual([
    { languages: ["de", "en"] },
  ]);
});
