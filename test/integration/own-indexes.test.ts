import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type KeptIndexes, keepOwnIndexes } from "#knowledge/search/keep-own-indexes.ts";
import { systemClock } from "#platform/clock.ts";
import { silentLogger } from "#platform/logger.ts";
import { asSystem, asTenant } from "#store/as-tenant.ts";
import type { Database } from "#store/database.ts";
import { openDatabase } from "#store/open-database.ts";
import { listOwnIndexes, lockOwnIndexes, type OwnerConnection } from "#store/own-indexes.ts";
import {
  type Learner,
  openKnowledgeWorld,
  type KnowledgeWorld,
} from "../support/knowledge-world.ts";
import { until } from "../support/until.ts";

const isServer = process.env["DATABASE_URL"] !== undefined;
const PASSAGES = 2_000;
const LIMITS = { buildAbove: 1_500, dropBelow: 1_000 };

let world: KnowledgeWorld;
let database: Database;
let large: Learner;
beforeEach(async () => {
  world = await openKnowledgeWorld();
  ({ database } = world);
  large = await world.createLearner();
});
afterEach(async () => {
  // The lock of the test's last build goes with its connection, perhaps a moment after the build.
  await until(async () => (await keep(undefined, { limits: NONE })).kind !== "busy", 10_000);
  await world[Symbol.asyncDispose]();
});

/** Nothing is left for the tests that share the database. */
const NONE = { buildAbove: 1e9, dropBelow: 1e9 };

const keep = (
  signal = new AbortController().signal,
  { where = database, limits = LIMITS } = {},
): Promise<KeptIndexes> =>
  keepOwnIndexes({ database: where, clock: systemClock, logger: silentLogger }, limits, signal);

const statesOf = async (): Promise<readonly string[]> =>
  (await asSystem(database.db, (system) => listOwnIndexes(system, 0)))
    .filter(({ state }) => state !== "none")
    .map(({ chatbotId, state }) => `${chatbotId} ${state}`);

/** A document of passages at random angles, without words. */
async function learn({ organizationId, chatbotId }: Learner, passages: number): Promise<string> {
  const sourceId = randomUUID();
  await database.asOwner(async (owner) => {
    await sql`insert into knowledge_sources (id, organization_id, chatbot_id, source_type, name)
      values (${sourceId}, ${organizationId}, ${chatbotId}, 'text', ${sourceId})`.execute(owner);
    await sql`with added as (
        insert into document_chunks (organization_id, chatbot_id, source_id, position, content, embedding_model, embedding)
        select ${organizationId}, ${chatbotId}, ${sourceId}, p, 'passage ' || p, 'test', (
          select array_agg(random() - 0.5) from generate_series(1, 1536) d where p is not null)::real[]::halfvec(1536)
        from generate_series(1, ${passages}::integer) p returning id)
      insert into chunk_terms (chunk_id, organization_id, chatbot_id, terms)
      select id, ${organizationId}, ${chatbotId}, '{}/1000000000' from added`.execute(owner);
  });
  return sourceId;
}

/** Asks for the first 20 passages, as the program does: as `parley_app`, for a tenant. */
async function findThemselves(
  { organizationId, chatbotId }: Learner,
  asker = organizationId,
): Promise<{ readonly found: number; readonly scans: number }> {
  const { rows: asked } = await database.asOwner((owner) =>
    sql<{ id: string; embedding: string }>`select id, embedding::text from document_chunks
      where chatbot_id = ${chatbotId} order by id limit 20`.execute(owner),
  );
  return asTenant(database.db, asker, async (tenant) => {
    let found = 0;
    for (const { id, embedding } of asked) {
      const ours = await sql<{
        id: string;
      }>`select id from search_knowledge_base(${chatbotId}::uuid,
        ${embedding}::vector(1536), 5, 0.9)`.execute(tenant);
      const fused = await sql<{ id: string }>`select id from search_knowledge(${chatbotId}::uuid,
        ${embedding}::vector(1536), '{}'::integer[], 5)`.execute(tenant);
      if (ours.rows[0]?.id === id && fused.rows[0]?.id === id) found += 1;
    }
    const { rows } = await sql<{ scans: string | null }>`select pg_stat_get_xact_numscans(
      to_regclass(own_index_name(${chatbotId}::uuid))) as scans`.execute(tenant);
    return { found, scans: Number(rows[0]?.scans ?? 0) };
  });
}

const execute = (text: string) =>
  database.asOwner((owner) => sql.raw<Record<string, unknown>>(text).execute(owner));

/** Another session of the login, until the work ends. */
const onOtherConnection = <Result>(work: (connection: OwnerConnection) => Promise<Result>) =>
  database.asOwner((owner) => owner.connection().execute(work));

test.runIf(isServer)(
  "a large chatbot gets an index of its own and loses it when it is small again",
  async () => {
    const small = await world.createLearner();
    const removed = await learn(large, PASSAGES / 2 + 200);
    await learn(large, PASSAGES / 2 - 200);
    await learn(small, 100);

    expect(await keep()).toMatchObject({
      kind: "kept",
      changes: [{ action: "built", chatbotId: large.chatbotId, passages: PASSAGES }],
    });
    expect(await statesOf()).toEqual([`${large.chatbotId} whole`]);
    expect(await keep(), "nothing is left to do").toEqual({ kind: "kept", changes: [] });

    await database.asOwner((owner) =>
      sql`delete from knowledge_sources where id = ${removed}`.execute(owner),
    );
    expect(await keep()).toMatchObject({ changes: [{ action: "dropped", passages: 800 }] });
    expect(await statesOf()).toEqual([]);
    expect(await findThemselves(large)).toEqual({ found: 20, scans: 0 });
  },
);

test.runIf(isServer)("between the limits nothing is built and nothing dropped", async () => {
  const first = await learn(large, 1_200);
  expect(await keep()).toEqual({ kind: "kept", changes: [] });
  const second = await learn(large, 400);
  expect(await keep()).toMatchObject({ changes: [{ action: "built" }] });
  await database.asOwner((owner) =>
    sql`delete from knowledge_sources where id = ${second}`.execute(owner),
  );
  expect(await keep()).toEqual({ kind: "kept", changes: [] });
  expect(first).not.toBe(second);
});

test.runIf(isServer)(
  "the program's role searches a large chatbot by its own index, and only for its organization",
  async () => {
    await learn(large, PASSAGES);
    expect(await findThemselves(large)).toEqual({ found: 20, scans: 0 });
    await keep();
    expect(await findThemselves(large)).toEqual({ found: 20, scans: 40 });
    const { organizationId: stranger } = await world.createLearner();
    expect(await findThemselves(large, stranger)).toMatchObject({ found: 0 });
  },
);

test.runIf(isServer)("the own index leads to no version that is not live", async () => {
  const { organizationId, chatbotId } = large;
  const sourceId = await learn(large, PASSAGES);
  await keep();
  await execute(`insert into source_versions (organization_id, chatbot_id, source_id, embedding_model,
    fingerprint, chunks_total) values ('${organizationId}', '${chatbotId}', '${sourceId}', 'test', 'x', 1)`);
  // all but the first 20 of the nearest are hidden: the index must go on looking
  await execute(`update document_chunks set version_id = (select max(id) from source_versions)
    where chatbot_id = '${chatbotId}' and position > 20`);
  expect(await findThemselves(large)).toEqual({ found: 20, scans: 40 });
  const { rows } = await asTenant(database.db, organizationId, (tenant) =>
    sql`select count(*)::integer as "candidates" from nearest_by_own_index(${chatbotId}::uuid,
      (select embedding_bits from document_chunks where position = 1))`.execute(tenant),
  );
  expect(rows, "all that is live").toEqual([{ candidates: 20 }]);
});

test.runIf(isServer)(
  "a build that was given up leaves a broken index, which is built again",
  async () => {
    await learn(large, PASSAGES);
    const reason = new Error("the process stops");
    await onOtherConnection(async (other) => {
      // whoever builds concurrently waits for this transaction
      await sql`begin`.execute(other);
      await sql`insert into key_ring_check (sealed) values ('x')`.execute(other);
      await sql`lock table document_chunks in row exclusive mode`.execute(other);
      const abort = new AbortController();
      const kept = keep(abort.signal);
      await expect.poll(statesOf, { timeout: 10_000 }).toEqual([`${large.chatbotId} broken`]);
      abort.abort(reason);
      await expect(kept).rejects.toBe(reason);
      await sql`rollback`.execute(other);
    });
    expect(await statesOf()).toEqual([`${large.chatbotId} broken`]);
    expect(await findThemselves(large), "searches do without").toEqual({ found: 20, scans: 0 });
    expect(await keep()).toMatchObject({ changes: [{ action: "dropped" }, { action: "built" }] });
    expect(await findThemselves(large)).toEqual({ found: 20, scans: 40 });
  },
);

test.runIf(isServer)("two processes never build at once", async () => {
  await learn(large, PASSAGES);
  await onOtherConnection(async (other) => {
    await lockOwnIndexes(other);
    expect(await keep()).toEqual({ kind: "busy" });
  });
  await expect
    .poll(() => keep(), { timeout: 10_000 })
    .toMatchObject({ kind: "kept", changes: [{ action: "built" }] });
});

test.runIf(isServer)("a login that does not own the tables builds nothing", async () => {
  await learn(large, PASSAGES);
  const login = `parley_test_login_${randomUUID().slice(0, 8)}`;
  const [row] = (await execute("select current_database() as name")).rows;
  await execute(
    `create role ${login} login; grant parley_app, parley_system to ${login} with inherit false`,
  );
  try {
    const url = new URL(process.env["DATABASE_URL"] ?? "");
    [url.username, url.pathname] = [login, `/${String(row?.["name"])}`];
    const limited = await openDatabase({ kind: "server", url: url.href, poolSize: 1 });
    try {
      expect(await keep(undefined, { where: limited })).toEqual({ kind: "not-owner" });
    } finally {
      await limited.close();
    }
  } finally {
    await execute(`drop role ${login}`);
  }
  expect(await statesOf()).toEqual([]);
});

test.runIf(!isServer)("the embedded database builds no index, and searches without", async () => {
  await learn(large, 200);
  expect(await keep()).toEqual({ kind: "embedded" });
  expect(await findThemselves(large)).toEqual({ found: 20, scans: 0 });
});
