import { expect, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import { changeEmbeddingModel } from "#knowledge/ingest/manage-documents.ts";
import { newId } from "#platform/new-id.ts";
import {
  type KnowledgeWorld,
  type Learner,
  openKnowledgeWorld,
} from "../support/knowledge-world.ts";

const change = (world: KnowledgeWorld, learner: Learner, model: string) =>
  changeEmbeddingModel({ db: world.database.db, newId }, { ...learner, model });

const liveModels = (world: KnowledgeWorld) =>
  world.rows(
    `select c.embedding_model as model, count(*)::int as passages
     from document_chunks c join source_versions v on v.id = c.version_id and v.state = 'live' group by 1 order by 1`,
  );

const chatbot = async (world: KnowledgeWorld) =>
  (
    await world.rows(
      "select embedding_model as current, next_embedding_model as next from chatbots",
    )
  )[0];

async function learnThree(world: KnowledgeWorld) {
  const learner = await world.createLearner();
  for (const name of ["A", "B", "C"])
    await world.upload(learner, { name, text: `The ${name} is open. `.repeat(60) });
  await world.work();
  return learner;
}

test("searches keep the old model until every document has the new one, and then all change at once", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await learnThree(world);
  const [before] = await liveModels(world);
  const seen: unknown[] = [];
  world.onEmbed.hook = async () => void seen.push(await liveModels(world));

  expect(await change(world, learner, "test:second")).toHaveLength(3);
  await world.work();

  expect(new Set(seen.map((models) => JSON.stringify(models)))).toEqual(
    new Set([JSON.stringify([before])]),
  );
  expect(await liveModels(world)).toEqual([
    { model: "test:second", passages: before?.["passages"] },
  ]);
  expect(await chatbot(world)).toEqual({ current: "test:second", next: null });
  const [left] = await world.rows(
    "select count(*)::int as n, (select count(*)::int from source_versions) as versions from document_chunks",
  );
  expect(left, "nothing of the old is left").toEqual({ n: before?.["passages"], versions: 3 });
  const [counted] = await world.rows(
    "select document_frequency as n from chatbot_terms where term = 0",
  );
  expect(counted).toEqual({ n: before?.["passages"] });
});

test("a change that breaks off goes on, and pays for no passage twice", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await learnThree(world);
  const first = world.embedded.length;
  let failures = 0;
  world.onEmbed.hook = () => {
    failures += 1;
    if (failures === 2) throw new Error("the process died");
  };

  await change(world, learner, "test:second");
  await world.work();

  const [{ passages } = { passages: 0 }] = await liveModels(world);
  expect(world.embedded.slice(first).flat()).toHaveLength(Number(passages));
  expect(await chatbot(world)).toEqual({ current: "test:second", next: null });
});

test("content that changes during the change is not lost", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await learnThree(world);
  let isReplaced = false;
  world.onEmbed.hook = async () => {
    if (isReplaced) return;
    isReplaced = true;
    await world.upload(learner, { name: "A", text: "The A has moved. ".repeat(60) });
  };

  await change(world, learner, "test:second");
  await world.work();

  expect(await chatbot(world)).toEqual({ current: "test:second", next: null });
  expect((await liveModels(world)).map(({ model }) => model)).toEqual(["test:second"]);
  const moved = await world.rows(
    "select c.content from document_chunks c join source_versions v on v.id = c.version_id and v.state = 'live' where c.content like '%has moved%'",
  );
  expect(moved.length).toBeGreaterThan(0);
  const old = await world.rows("select 1 from document_chunks where content like 'The A is open%'");
  expect(old).toEqual([]);
});

test("a document that cannot be embedded by the new model keeps the change waiting, and an alert tells so", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await learnThree(world);
  world.onEmbed.hook = () => {
    throw new AppError("MODEL_KEY_INVALID", "The provider refuses the key.");
  };

  await change(world, learner, "test:second");
  await world.work();

  expect((await liveModels(world)).map(({ model }) => model)).toEqual(["test:first"]);
  expect(await chatbot(world)).toEqual({ current: "test:first", next: "test:second" });
  expect(await world.rows("select alert_type, error_code from system_alerts")).toEqual([
    { alert_type: "knowledge_model_change_failed", error_code: "MODEL_KEY_INVALID" },
  ]);

  world.onEmbed.hook = () => {};
  await change(world, learner, "test:first");
  await world.work();
  expect(await chatbot(world), "called off").toEqual({ current: "test:first", next: null });
});

test("a chatbot without documents changes at once", async () => {
  await using world = await openKnowledgeWorld();
  const learner = await world.createLearner();

  expect(await change(world, learner, "test:second")).toEqual([]);
  expect(await chatbot(world)).toEqual({ current: "test:second", next: null });
});
