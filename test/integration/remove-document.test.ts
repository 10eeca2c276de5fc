import { expect, test } from "vitest";
import { removeDocument } from "#knowledge/ingest/manage-documents.ts";
import { textOf, visiblePassages } from "../support/knowledge-texts.ts";
import { openKnowledgeWorld } from "../support/knowledge-world.ts";

test("two organizations with the same document each have their own, and removing one leaves the other", async () => {
  await using world = await openKnowledgeWorld();
  const [own, other] = [await world.createLearner(), await world.createLearner()];
  const ids = [
    await world.upload(own, { text: textOf(6) }),
    await world.upload(other, { text: textOf(6) }),
  ] as const;
  await world.work();
  const [kept, gone] = [await world.source(own, ids[0]), await world.source(other, ids[1])];
  expect(await world.source(own, ids[1]), "through the wrong door").toBeNull();
  if (gone === null) throw new Error("gone");

  await removeDocument({ db: world.database.db, newId: () => "" }, gone);
  expect(await visiblePassages(world, other), "at once").toEqual([]);
  await world.work();

  expect(await world.source(other, ids[1])).toBeNull();
  await expect(world.storage.get(gone.filePath ?? "")).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await visiblePassages(world, own)).toHaveLength(kept?.chunks ?? 0);
  const rows = await world.rows("select distinct organization_id from document_chunks");
  expect(rows).toEqual([{ organization_id: own.organizationId }]);
  expect((await world.storage.get(kept?.filePath ?? "")).length).toBeGreaterThan(0);
});

test("a document that is removed while it is being learned is gone", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();
  const id = await world.upload(learner, { text: textOf(12) });
  world.onEmbed.hook = async (call) => {
    const source = await world.source(learner, id);
    if (call === 1 && source !== null)
      await removeDocument({ db: world.database.db, newId: () => "" }, source);
  };

  await world.attempt();
  await world.rows("update mailboxes set owner = null, run_at = now()"); // as the sweep of forgotten turns does
  await world.work();

  expect(await world.rows("select id from knowledge_sources")).toEqual([]);
  expect(await world.rows("select id from document_chunks")).toEqual([]);
  expect(await visiblePassages(world, learner)).toEqual([]);
});
