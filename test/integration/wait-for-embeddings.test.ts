import { expect, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import { textOf, visiblePassages } from "../support/knowledge-texts.ts";
import { openKnowledgeWorld } from "../support/knowledge-world.ts";

test("a document that waits for its embeddings is neither fetched nor read again", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();
  let fetches = 0;
  world.web.fetch = async ({ url }) => {
    fetches += 1;
    return {
      kind: "page",
      bytes: Buffer.from(textOf(12)),
      finalUrl: url,
      mediaType: "text/plain",
      charset: null,
      etag: '"1"',
      lastModified: null,
    };
  };
  const page = await world.upload(learner, { name: "Page", url: "https://example.com/faq" });
  const file = await world.upload(learner, { name: "File", text: textOf(12, "file") });
  let calls = 0;
  world.onEmbed.hook = () => {
    calls += 1;
    if (calls % 2 === 0) throw new AppError("MODEL_RATE_LIMITED", "Slow down");
  };
  await world.work();

  expect(calls).toBeGreaterThan(2 * 3); // several waits for each
  expect(fetches).toBe(1);
  expect(world.extracted.toSorted()).toEqual(["File", "https://example.com/faq"]);
  const texts = world.embedded.flat();
  expect(new Set(texts).size).toBe(texts.length);
  const [pageSource, fileSource] = [
    await world.source(learner, page),
    await world.source(learner, file),
  ];
  expect(pageSource).toMatchObject({ status: "synced", etag: '"1"', reason: null });
  expect(fileSource).toMatchObject({ status: "synced", title: "File", reason: null });
  const key = (id: string) => `${learner.organizationId}/${learner.chatbotId}/${id}-reading`;
  for (const id of [page, file])
    await expect(world.storage.get(key(id)), "left behind").rejects.toMatchObject({
      code: "NOT_FOUND",
    });
});

test("content that is replaced while a document waits for its embeddings is not passed over", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();
  const id = await world.upload(learner, { text: textOf(12, "winter") });
  world.onEmbed.hook = (call) => {
    if (call >= 1) throw new AppError("MODEL_UNAVAILABLE", "The provider is down.");
  };
  expect(await world.attempt()).toEqual(["waiting"]);

  await world.upload(learner, { text: textOf(12, "summer") });
  world.onEmbed.hook = () => {};
  await world.work();

  expect(await visiblePassages(world, learner, "winter")).toEqual([]);
  expect((await visiblePassages(world, learner, "summer")).length).toBeGreaterThan(0);
  expect(await world.source(learner, id)).toMatchObject({ status: "synced" });
});
