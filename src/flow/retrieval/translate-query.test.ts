import { expect, test } from "vitest";
import { contextOf, fakeModels, mapCheckpoint, says, sleepyClock } from "#agent/fakes-for-tests.ts";
import { translateQuery } from "./translate-query.ts";

const signal = new AbortController().signal;

async function translate(
  turn: { readonly language: string | null; readonly documents: readonly string[]; model?: string },
  checkpoint = mapCheckpoint(),
) {
  const models = fakeModels({ "fake:one": [says("When do you open?")] });
  const { chatbot } = contextOf();
  const { language, documents: knowledgeLanguages, model = chatbot.model } = turn;
  const context = contextOf({ language, chatbot: { ...chatbot, model, knowledgeLanguages } });
  const deps = { models, clock: sleepyClock, logger: { warn: () => {} } };
  const found = await translateQuery(
    deps,
    { context, checkpoint: checkpoint.checkpoint },
    { text: "Saat kaçta açılıyorsunuz?", signal },
  );
  return { ...found, asked: models.asked.length };
}

test.each([
  ["tr", ["en"]],
  ["tr", ["de", "en"]],
  ["hi-Latn", ["hi"]],
])("a question in %s is translated for documents in %j", async (language, documents) => {
  expect(await translate({ language, documents })).toMatchObject({
    text: "When do you open?",
    calls: [{ model: "fake:one", inputTokens: 10, outputTokens: 5 }],
  });
});

test.each([
  ["tr", ["en", "tr"]],
  ["tr", []],
  [null, ["en"]],
])("a question in %j is searched as it is in documents in %j", async (language, documents) => {
  expect(await translate({ language, documents })).toEqual({ text: null, calls: [], asked: 0 });
});

test("the demo model, which translates nothing, is not asked", async () => {
  const turn = { language: "tr", documents: ["en"], model: "demo:extractive" };
  expect(await translate(turn)).toEqual({ text: null, calls: [], asked: 0 });
});

test("a resumed turn has its translation already, and counts what it cost", async () => {
  const checkpoint = mapCheckpoint();
  const turn = { language: "tr", documents: ["en"] };
  const first = await translate(turn, checkpoint);
  expect(await translate(turn, checkpoint)).toEqual({ ...first, asked: 0 });
  expect(checkpoint.ran).toEqual(["translate-0"]);
});
