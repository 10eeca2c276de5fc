import { expect, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import { requestDocument } from "#knowledge/ingest/manage-documents.ts";
import { newId } from "#platform/new-id.ts";
import { asTenant } from "#store/as-tenant.ts";
import { findLiveVersion } from "#store/source-versions.ts";
import { textOf, visiblePassages } from "../support/knowledge-texts.ts";
import { BATCH, openKnowledgeWorld } from "../support/knowledge-world.ts";

test("an uploaded document is read, embedded in batches, and found", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();
  const id = await world.upload(learner, { text: textOf(10) });
  expect(await world.source(learner, id)).toMatchObject({ status: "pending", sourceType: "text" });

  await world.work();

  const source = await world.source(learner, id);
  expect(source).toMatchObject({
    status: "synced",
    step: null,
    reason: null,
    errorCode: null,
    title: "Handbook",
  });
  expect(source?.chunks).toBeGreaterThanOrEqual(10);
  expect(source).toMatchObject({ chunksDone: source?.chunks, chunksTotal: source?.chunks });
  expect(await visiblePassages(world, learner)).toHaveLength(source?.chunks ?? 0);
  expect(
    world.embedded
      .map((batch) => batch.length)
      .slice(0, -1)
      .every((size) => size === BATCH),
  ).toBe(true);
  expect(world.embedded[0]?.[0]).toMatch(/^Handbook\nSentence 0/);
  const usage = await world.rows(
    "select kind, model, tokens_total, chatbot_id, source_id from usage_logs",
  );
  expect(usage).toEqual([
    {
      kind: "embedding",
      model: "test:first",
      tokens_total: (source?.chunks ?? 0) * 10,
      chatbot_id: null,
      source_id: id,
    },
  ]);
  const [summary] = await world.rows(
    "select current_period_tokens::int as tokens, current_period_messages as messages from usage_summary",
  );
  expect(summary).toEqual({ tokens: (source?.chunks ?? 0) * 10, messages: 0 });
});

test("a run that breaks off goes on after the last stored passage, and pays for none twice", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();
  const id = await world.upload(learner, { text: textOf(14) });
  let fails = true;
  world.onEmbed.hook = (call) => {
    if (call === 2 && fails) throw new Error("the process died");
  };

  expect(await world.attempt()).toEqual(["retrying"]);
  expect(await world.source(learner, id)).toMatchObject({
    status: "processing",
    step: "embed",
    chunksDone: 2 * BATCH,
  });
  expect(await visiblePassages(world, learner), "a part of a document").toEqual([]);
  fails = false;
  await world.work();

  const texts = world.embedded.flat();
  expect(new Set(texts).size).toBe(texts.length);
  const source = await world.source(learner, id);
  expect(source).toMatchObject({ status: "synced", chunks: texts.length });
  expect(await visiblePassages(world, learner)).toHaveLength(texts.length);
});

test("an embedding service that asks to slow down is waited for as long as there is progress", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();
  const id = await world.upload(learner, { text: textOf(40) });
  let refused = 0;
  world.onEmbed.hook = () => {
    refused += 1;
    if (refused % 2 === 0)
      throw new AppError("MODEL_RATE_LIMITED", "Slow down", { retryAfterMs: 5 });
  };

  expect(await world.attempt()).toEqual(["waiting"]);
  expect(await world.source(learner, id)).toMatchObject({
    status: "processing",
    errorCode: "MODEL_RATE_LIMITED",
    reason: "Slow down",
    attempts: 1,
  });
  await world.work();

  expect(refused / 2).toBeGreaterThan(8); // refusals: more than a turn has attempts
  expect(await world.source(learner, id)).toMatchObject({
    status: "synced",
    reason: null,
    attempts: 0,
  });
});

test("an embedding service that stays away fails the document with a reason, and a retry goes on", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();
  const id = await world.upload(learner, { text: textOf(10) });
  world.onEmbed.hook = (call) => {
    if (call >= 1) throw new AppError("MODEL_UNAVAILABLE", "The provider is down.");
  };
  await world.work();

  expect(await world.source(learner, id)).toMatchObject({
    status: "failed",
    reason: "The provider is down.",
  });
  const [usage] = await world.rows("select tokens_total from usage_logs");
  expect(usage, "what was paid for").toEqual({ tokens_total: BATCH * 10 });
  expect(await world.rows("select severity, alert_type from system_alerts")).toEqual([
    { severity: "error", alert_type: "knowledge_document_failed" },
  ]);

  world.onEmbed.hook = () => {};
  const source = await world.source(learner, id);
  if (source === null) throw new Error("gone");
  await requestDocument({ db: world.database.db, newId }, source, { kind: "retry" });
  await world.work();

  const texts = world.embedded.flat();
  expect(new Set(texts).size).toBe(texts.length);
  expect(await world.source(learner, id)).toMatchObject({ status: "synced", chunks: texts.length });
});

test.for([
  ["", "DOCUMENT_EMPTY"],
  ["\0\x01\x02\x03binary\0\xff", "DOCUMENT_TYPE_UNSUPPORTED"],
  ["%PDF-1.7\nnot really", "DOCUMENT_CORRUPT"],
] as const)(
  "a file that cannot be read fails with a sentence for its admin: %j",
  async ([text, code]) => {
    await using world = await openKnowledgeWorld();
    const learner = await world.createLearner();
    const id = await world.upload(learner, { text });

    await world.work();

    expect(await world.source(learner, id)).toMatchObject({
      status: "failed",
      errorCode: code,
      reason: expect.stringMatching(/\.$/),
    });
    expect(world.embedded).toEqual([]);
    expect(await world.rows("select severity from system_alerts")).toEqual([
      { severity: "warning" },
    ]);
  },
);

test("new content replaces the old at once, and nothing of the old is left", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();
  const id = await world.upload(learner, { text: textOf(6, "winter") });
  await world.work();
  const before = await world.source(learner, id);

  expect(await world.upload(learner, { text: textOf(9, "summer") })).toBe(id);
  let seen: readonly string[] = [];
  world.onEmbed.hook = async (call) => {
    if (call === world.embedded.length && seen.length === 0)
      seen = await visiblePassages(world, learner, "winter");
  };
  await world.work();

  expect(seen, "while the new is made").toHaveLength(before?.chunks ?? 0);
  expect(await visiblePassages(world, learner, "winter")).toEqual([]);
  const after = await world.source(learner, id);
  expect(await visiblePassages(world, learner, "summer")).toHaveLength(after?.chunks ?? 0);
  const [left] = await world.rows(
    "select (select count(*)::int from document_chunks) as chunks, (select count(*)::int from chunk_terms) as terms, (select count(*)::int from source_versions) as versions",
  );
  expect(left).toEqual({ chunks: after?.chunks, terms: after?.chunks, versions: 1 });
  const [counted] = await world.rows(
    "select document_frequency as n from chatbot_terms where term = 0",
  );
  expect(counted).toEqual({ n: after?.chunks });
  await expect(world.storage.get(before?.filePath ?? "")).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  expect(Buffer.from(await world.storage.get(after?.filePath ?? "")).toString()).toContain(
    "summer",
  );
});

test("content that is replaced while it is being learned does not win over the newer", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();
  const id = await world.upload(learner, { text: textOf(6, "winter") });
  let isReplaced = false;
  world.onEmbed.hook = async () => {
    if (isReplaced) return;
    isReplaced = true;
    await world.upload(learner, { text: textOf(6, "summer") });
  };

  await world.attempt();
  expect(await world.source(learner, id), "the newer one is still to come").toMatchObject({
    status: "pending",
  });
  await world.work();

  expect(await visiblePassages(world, learner, "winter")).toEqual([]);
  expect((await visiblePassages(world, learner, "summer")).length).toBeGreaterThan(0);
  expect(await world.source(learner, id)).toMatchObject({ status: "synced" });
});

test("the same file again costs no embedding", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();
  const id = await world.upload(learner, { text: textOf(6) });
  await world.work();
  const calls = world.embedded.length;

  await world.upload(learner, { text: textOf(6) });
  await world.work();

  expect(world.embedded).toHaveLength(calls);
  expect(await world.source(learner, id)).toMatchObject({ status: "synced" });
});

test("passages keep what they are cited by", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();
  const id = await world.upload(learner, {
    name: "prices.md",
    text: "# Prices\n\n## Screws\n\nA screw costs 3.50.\n\n## Nails\n\nA nail costs 1.20.",
  });
  await world.work();

  const chunks = await world.rows(
    "select content, headings, embedding_model, position from document_chunks order by position",
  );
  expect(chunks).toEqual([
    {
      content: "A screw costs 3.50.",
      headings: ["Prices", "Screws"],
      embedding_model: "test:first",
      position: 0,
    },
    {
      content: "A nail costs 1.20.",
      headings: ["Prices", "Nails"],
      embedding_model: "test:first",
      position: 1,
    },
  ]);
  expect(world.embedded.flat()[0]).toMatch(/Prices[\s\S]*Screws[\s\S]*A screw costs/);
  const live = await asTenant(world.database.db, learner.organizationId, (tenant) =>
    findLiveVersion(tenant, id),
  );
  expect(live).toMatchObject({ chunksTotal: 2, embeddingModel: "test:first" });
});
