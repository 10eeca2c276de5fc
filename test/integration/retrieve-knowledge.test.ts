import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import { ChatbotId } from "#domain/ids.ts";
import { retrieveKnowledge } from "#knowledge/search/retrieve-knowledge.ts";
import { createKeyRing, generateKey } from "#platform/key-ring.ts";
import type { Embedding } from "#providers/embeddings/embedding.ts";
import { createEmbeddings } from "#providers/embeddings/embeddings.ts";
import type { Database } from "#store/database.ts";
import { evaluate } from "../bench/retrieval/evaluate.ts";
import { loadCollection, type Target } from "../bench/retrieval/load-collection.ts";
import { type Collection, readCollection } from "../bench/retrieval/read-collection.ts";
import { runMethods } from "../bench/retrieval/search-methods.ts";
import { createTestChatbot } from "../support/create-test-chatbot.ts";
import { emptyDatabase } from "../support/test-database.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/retrieval");
const local = createEmbeddings({ timeoutMs: 1_000 }).get("local:hash");
const never = new AbortController().signal;

let database: Database;
beforeEach(async () => {
  database = await emptyDatabase();
});

async function createTarget(embedding: Embedding = local): Promise<Target> {
  const world = {
    database,
    keyRing: createKeyRing([generateKey()]),
    simulator: { addPhoneNumber: () => {} },
  };
  return { database, embedding, ...(await createTestChatbot(world, {})) };
}

const documents = (...texts: readonly (readonly [title: string, text: string])[]): Collection => ({
  name: "test",
  documents: texts.map(([title, text], index) => ({ id: `d${index}`, title, text })),
  questions: [],
  relevant: new Map(),
});

async function ask(
  target: Target,
  question: string,
  more: { topK?: number; threshold?: number } = {},
) {
  const warnings: string[] = [];
  const deps = {
    db: database.db,
    embeddings: { get: () => target.embedding },
    rerankings: {
      get: (name: string) => {
        throw new Error(`${name} is not set`);
      },
    },
    logger: { warn: (_: object, message: string) => void warnings.push(message) },
  };
  const { organizationId, chatbotId } = target;
  const found = await retrieveKnowledge(
    deps,
    { organizationId, chatbotId, question, ...more },
    never,
  );
  return { ...found, texts: found.passages.map(({ text }) => text), warnings };
}

test.each(["bicycle-shop", "padaria"])(
  "questions to %s find their document, and all ways together no worse than the best alone",
  async (name) => {
    const target = await createTarget();
    const collection = await readCollection(join(FIXTURES, name));
    const documentIds = await loadCollection(target, collection);
    const runs = await runMethods(target, collection.questions, documentIds);
    const [lexical, vector, fused] = [runs.lexical, runs.vector, runs.fused].map((run) =>
      evaluate(collection, run),
    );
    expect(fused?.ndcg10).toBeGreaterThan(0.8);
    expect(fused?.ndcg10).toBeGreaterThanOrEqual(
      Math.max(lexical?.ndcg10 ?? 1, vector?.ndcg10 ?? 1),
    );
  },
);

test("a passage is returned with its source, and near duplicates and other subjects are not", async () => {
  const target = await createTarget();
  const hours = "We are open from Monday to Friday from nine to six, on Saturdays from ten to two.";
  await loadCollection(
    target,
    documents(["Hours", hours], ["Copy of hours", hours], ["Kaffee", "Zwei Tassen, bitte."]),
  );

  const found = await ask(target, "When are you open on Saturdays?");

  expect(found.texts).toEqual([hours]);
  expect(found.passages[0]).toMatchObject({ sourceName: "Hours", page: null, headings: [] });
  expect(found.bestSimilarity).toBeGreaterThan(0.1);
  expect(found.embedded).toEqual({ model: "local:hash", tokens: 0 });
});

test("nothing passes a threshold that nothing reaches, and the best similarity is still told", async () => {
  const target = await createTarget();
  await loadCollection(target, documents(["Hours", "Open from nine to six."]));

  const found = await ask(target, "open nine", { threshold: 0.99 });

  expect(found.texts).toEqual([]);
  expect(found.threshold).toBe(0.99);
  expect(found.bestSimilarity).toBeGreaterThan(0.1);
});

test("another chatbot's knowledge is never found, of the same organization or not", async () => {
  const [own, foreign] = [await createTarget(), await createTarget()];
  await loadCollection(foreign, documents(["Secret", "The safe opens with 4711."]));

  expect((await ask(own, "safe 4711", { threshold: -1 })).texts).toEqual([]);
  await expect(
    ask({ ...own, chatbotId: foreign.chatbotId }, "safe 4711", { threshold: -1 }),
  ).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(
    ask({ ...own, chatbotId: ChatbotId.parse(crypto.randomUUID()) }, "safe"),
  ).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("when the embedding model is out of reach, words alone find the passage", async () => {
  const target = await createTarget();
  await loadCollection(target, documents(["Hours", "Open from nine to six."], ["Prices", "3.50"]));
  const down: Embedding = {
    ...local,
    embedQuestion: () => Promise.reject(new AppError("MODEL_UNAVAILABLE", "The model is down")),
  };

  const found = await ask({ ...target, embedding: down }, "open nine?");

  expect(found.texts).toEqual(["Open from nine to six."]);
  expect(found).toMatchObject({ embedded: null, threshold: null, bestSimilarity: null });
  expect(found.warnings).toHaveLength(1);
});

test("a chatbot that has learned nothing finds nothing", async () => {
  expect((await ask(await createTarget(), "anything")).texts).toEqual([]);
});
