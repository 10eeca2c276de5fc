import { expect, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import { requestDocument } from "#knowledge/ingest/manage-documents.ts";
import { newId } from "#platform/new-id.ts";
import type { FetchResult } from "#providers/guarded-fetch/guarded-fetch.ts";
import {
  type KnowledgeWorld,
  type Learner,
  openKnowledgeWorld,
} from "../support/knowledge-world.ts";

const ADDRESS = "https://shop.example/faq";

const page = (text: string, etag: string | null = null): FetchResult => ({
  kind: "page",
  bytes: Buffer.from(
    `<html><head><title>Questions</title></head><body><main><h1>Questions</h1><p>${text}</p></main></body></html>`,
  ),
  mediaType: "text/html",
  charset: "utf-8",
  finalUrl: ADDRESS,
  etag,
  lastModified: null,
});

async function sync(world: KnowledgeWorld, learner: Learner): Promise<void> {
  const [row] = await world.rows("select id from knowledge_sources");
  const source = await world.source(learner, row?.["id"] as never);
  if (source === null) throw new Error("gone");
  await requestDocument({ db: world.database.db, newId }, source, { kind: "sync" });
  await world.work();
}

const contents = async (world: KnowledgeWorld): Promise<unknown[]> =>
  (
    await world.rows(
      "select c.content from document_chunks c join source_versions v on v.id = c.version_id and v.state = 'live'",
    )
  ).map((row) => row["content"]);

async function learnPage(world: KnowledgeWorld, text = "We open at nine.") {
  const learner = await world.createLearner();
  world.web.fetch = async () => page(text, '"v1"');
  const id = await world.upload(learner, { name: "FAQ", url: ADDRESS, syncIntervalMinutes: 60 });
  await world.work();
  return { learner, id };
}

test("a page is fetched, kept, and found", async () => {
  await using world = await openKnowledgeWorld();
  const { learner, id } = await learnPage(world);

  const source = await world.source(learner, id);
  expect(source).toMatchObject({
    status: "synced",
    sourceType: "url",
    mediaType: "text/html",
    title: "Questions",
    etag: '"v1"',
    chunks: 1,
  });
  expect(await contents(world)).toEqual(["We open at nine."]);
  expect(Buffer.from(await world.storage.get(source?.filePath ?? "")).toString()).toContain("nine");
});

test("a page that its server calls unchanged costs neither a transfer nor an embedding", async () => {
  await using world = await openKnowledgeWorld();
  const { learner, id } = await learnPage(world);
  const asked: unknown[] = [];
  world.web.fetch = async (request) => {
    asked.push(request.etag);
    return { kind: "unchanged" };
  };
  const before = await world.source(learner, id);

  await sync(world, learner);

  expect(asked).toEqual(['"v1"']);
  expect(world.embedded).toHaveLength(1);
  const after = await world.source(learner, id);
  expect(after).toMatchObject({
    status: "synced",
    syncedAt: before?.syncedAt,
    chunks: 1,
    chunksDone: 1,
  });
  expect(after?.checkedAt).not.toBe(before?.checkedAt);
});

test.for([
  ["the same bytes", page("We open at nine.", null)],
  [
    "other bytes around the same text",
    {
      ...page(""),
      bytes: Buffer.from(
        "<html><head><title>Questions</title><script>x=42</script></head><body><main><h1>Questions</h1><p id='1'>We open at nine.</p></main></body></html>",
      ),
    } as FetchResult,
  ],
] as const)("%s cost no embedding", async ([, again]) => {
  await using world = await openKnowledgeWorld();
  const { learner, id } = await learnPage(world);
  world.web.fetch = async () => again;

  await sync(world, learner);
  await sync(world, learner);

  expect(world.embedded).toHaveLength(1);
  expect(await world.source(learner, id)).toMatchObject({ status: "synced" });
});

test("a page that has changed is learned anew, and its old original goes", async () => {
  await using world = await openKnowledgeWorld();
  const { learner, id } = await learnPage(world);
  const before = await world.source(learner, id);
  world.web.fetch = async () => page("We open at ten.", '"v2"');

  await sync(world, learner);

  expect(await contents(world)).toEqual(["We open at ten."]);
  const after = await world.source(learner, id);
  expect(after).toMatchObject({ status: "synced", etag: '"v2"' });
  await expect(world.storage.get(before?.filePath ?? "")).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  expect(Buffer.from(await world.storage.get(after?.filePath ?? "")).toString()).toContain("ten");
});

test("a page that disappears keeps its last content and raises a warning; when it is back, the warning goes", async () => {
  await using world = await openKnowledgeWorld();
  const { learner, id } = await learnPage(world);
  world.web.fetch = async () => {
    throw new AppError("PAGE_GONE", "There is no such page: its server answers 404.");
  };

  await sync(world, learner);

  expect(await contents(world)).toEqual(["We open at nine."]);
  expect(await world.source(learner, id)).toMatchObject({
    status: "synced",
    errorCode: "PAGE_GONE",
    reason: expect.stringMatching(/404.*content of before/),
  });
  expect(await world.rows("select severity, alert_type, error_code from system_alerts")).toEqual([
    { severity: "warning", alert_type: "knowledge_page_stale", error_code: "PAGE_GONE" },
  ]);

  world.web.fetch = async () => ({ kind: "unchanged" });
  await sync(world, learner);
  expect(await world.source(learner, id)).toMatchObject({ errorCode: null, reason: null });
});

test("a page that was never there fails with a reason", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();
  world.web.fetch = async () => {
    throw new AppError("PAGE_GONE", "There is no such page: its server answers 404.");
  };
  const id = await world.upload(learner, { name: "FAQ", url: ADDRESS });

  await world.work();

  expect(await world.source(learner, id)).toMatchObject({
    status: "failed",
    errorCode: "PAGE_GONE",
    reason: "There is no such page: its server answers 404.",
  });
});

test("a server that is away is tried again before anybody is told", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();
  let visits = 0;
  world.web.fetch = async () => {
    visits += 1;
    if (visits < 4) throw new AppError("PAGE_UNAVAILABLE", "The page's server answers 503.");
    return page("We open at nine.");
  };
  const id = await world.upload(learner, { name: "FAQ", url: ADDRESS });

  await world.work();

  expect(visits).toBe(4);
  expect(await world.source(learner, id)).toMatchObject({ status: "synced" });
  expect(await world.rows("select id from system_alerts")).toEqual([]);
});

test("a page is looked at again when its time has come, and not before", async () => {
  await using world = await openKnowledgeWorld();
  const { learner, id } = await learnPage(world);
  let visits = 0;
  world.web.fetch = async () => {
    visits += 1;
    return { kind: "unchanged" };
  };
  await world.rows("select mailbox_schedule('knowledge-sync', 'knowledge-sync', 0)");
  await world.attempt();
  await world.work();
  expect(visits, "an hour before").toBe(0);

  await world.rows("update knowledge_sources set next_sync_at = now() - interval '1 second'");
  await world.rows("update mailboxes set run_at = now() where handler = 'knowledge-sync'");
  await world.attempt();
  await world.work();

  expect(visits).toBe(1);
  const source = await world.source(learner, id);
  expect(source).toMatchObject({ status: "synced", syncIntervalMinutes: 60 });
  const nextMs = Date.parse(source?.nextSyncAt ?? "") - Date.now();
  expect(nextMs / 60_000).toBeGreaterThan(58);
  expect(nextMs / 60_000).toBeLessThan(61);
});

test("an address that is not on the public internet is refused at once", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();

  await expect(
    world.upload(learner, { name: "Inside", url: "http://169.254.169.254/latest/meta-data/" }),
  ).rejects.toMatchObject({ code: "PAGE_ADDRESS_REFUSED" });
  expect(await world.rows("select id from knowledge_sources")).toEqual([]);
});
