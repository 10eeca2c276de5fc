import { afterAll, beforeAll, expect, test } from "vitest";
import { createVectorSource } from "../bench/vectors/synthetic-vectors.ts";
import { openTestDatabase, type Rows, type TestDatabase } from "./open-test-database.ts";
import { createSchemaTenants, type SchemaTenants, type Tenant } from "./schema-tenants.ts";

let database: TestDatabase;
let tenants: SchemaTenants;
beforeAll(async () => {
  database = await openTestDatabase();
  tenants = createSchemaTenants(database);
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

async function createSource({ chatbotId }: Tenant, name = "Price list"): Promise<string> {
  const { id } = await tenants.one(
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

function contents(rows: Rows): unknown[] {
  return rows.map((row) => row["content"]);
}

test("search_knowledge_base finds the nearest passages of its chatbot above the threshold", async () => {
  const tenant = await tenants.createTenant();
  const sourceId = await createSource(tenant, "Manual");
  await addPassages(tenant, sourceId, [
    { content: "near", embedding: vectorAt(0.95) },
    { content: "off topic", embedding: vectorAt(0.2) },
    { content: "nearest", embedding: vectorAt(0.99) },
    { content: "just below", embedding: vectorAt(0.69) },
  ]);
  const neighbour = { ...tenant, chatbotId: await tenants.createChatbot(tenant.organizationId) };
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

test("the nearest passages are found although very many are almost as near", async () => {
  const tenant = await tenants.createTenant();
  const vectors = createVectorSource(3, "flat");
  const embeddings = Array.from({ length: 1_500 }, () => vectors.passage(1));
  const sourceId = await createSource(tenant);
  await addPassages(
    tenant,
    sourceId,
    embeddings.map((embedding, index) => ({ content: `passage ${index}`, embedding })),
  );
  for (const embedding of embeddings.slice(0, 5)) {
    const question = vectors.question(embedding);
    const found = await database.query("select content from search_knowledge_base($1, $2, 5, -1)", [
      tenant.chatbotId,
      question,
    ]);
    const compared = await database.query(
      `select content from document_chunks where chatbot_id = $1
       order by embedding <=> $2::halfvec(1536) limit 5`,
      [tenant.chatbotId, question],
    );
    expect(contents(found)).toEqual(contents(compared));
  }
});

test("knowledge stays inside its organization, whichever chatbot is asked for", async () => {
  const [own, foreign] = [await tenants.createTenant(), await tenants.createTenant()];
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

  expect(await tenants.asTenant(own.organizationId, () => search(own.chatbotId))).toEqual([1, 1]);
  expect(await tenants.asTenant(own.organizationId, () => search(foreign.chatbotId))).toEqual([
    0, 0,
  ]);
  await expect(
    tenants.asTenant(own.organizationId, () => createSource(foreign)),
    "a row for a chatbot of another tenant",
  ).rejects.toMatchObject({ code: expect.stringMatching(/^(23502|42501)$/) });
});

test("fused search joins the words and the meaning, and works with either alone", async () => {
  const tenant = await tenants.createTenant();
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
  const tenant = await tenants.createTenant();
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
  await tenants.asTenant(tenant.organizationId, () =>
    database.query("delete from knowledge_sources where id = $1", [removed]),
  );
  expect(await frequencies()).toEqual([
    [0, 1],
    [3, 1],
    [8, 1],
  ]);
});

test("deleting an organization leaves nothing of it behind", async () => {
  const tenant = await tenants.createTenant({ messages: 1 });
  const passage = { content: "a", embedding: vectorAt(1), terms: "{3:1}/1000000000" };
  await addPassages(tenant, await createSource(tenant), [passage]);
  await tenants.spend(tenant, { messages: 1 });
  await tenants.asTenant(tenant.organizationId, () =>
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
  const leftIn: unknown[] = [];
  for (const { table_name: name } of tables) {
    const count =
      "select count(*)::int as rows from " + String(name) + " where organization_id = $1";
    const { rows } = await tenants.one(count, [tenant.organizationId]);
    if (rows !== 0) leftIn.push(name);
  }
  expect(leftIn).toEqual([]);
});

test("a chatbot knows what its documents are written in, most of them first", async () => {
  const tenant = await tenants.createTenant();
  const neighbour = { ...tenant, chatbotId: await tenants.createChatbot(tenant.organizationId) };
  const languages = async () => {
    const chatbot = await tenants.one("select knowledge_languages from chatbots where id = $1", [
      tenant.chatbotId,
    ]);
    return chatbot["knowledge_languages"];
  };
  const learned = (id: string, language: string | null) =>
    database.query("update knowledge_sources set language = $2 where id = $1", [id, language]);
  const [first, second, third] = [
    await createSource(tenant, "A"),
    await createSource(tenant, "B"),
    await createSource(tenant, "C"),
  ];
  await learned(await createSource(neighbour), "pt");
  expect(await languages()).toEqual([]);

  await tenants.asTenant(tenant.organizationId, () => learned(first, "en"));
  await learned(second, "de");
  await learned(third, "en");
  expect(await languages()).toEqual(["en", "de"]);

  await learned(third, null);
  expect(await languages()).toEqual(["de", "en"]);
  await database.query("update knowledge_sources set removed_at = now() where id = $1", [second]);
  expect(await languages()).toEqual(["en"]);
});
