import { expect, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import { fakeModels, instantClock, says, sleepyClock } from "./fakes-for-tests.ts";
import { translateQuestion } from "./translate-question.ts";

const asked = { model: "fake:one", question: "Saat kaçta açılıyorsunuz?", into: "en" };
const never = new AbortController().signal;

function depsOf(models: ReturnType<typeof fakeModels>, clock = sleepyClock) {
  const warnings: unknown[] = [];
  const logger = { warn: (fields: object) => void warnings.push(fields) };
  return { models, clock, logger, warnings };
}

test("the model is asked for the words alone, and what it cost is told", async () => {
  const models = fakeModels({ "fake:one": [says(" When do you open? \n")] });
  expect(await translateQuestion(depsOf(models), asked, never)).toEqual({
    text: "When do you open?",
    call: { model: "fake:one", inputTokens: 10, outputTokens: 5, durationMs: 0 },
  });
  const [call] = models.asked;
  expect(call?.options.tools).toBeUndefined();
  expect(call?.options.prompt).toEqual([
    { role: "system", content: expect.stringContaining("into English") },
    { role: "user", content: [{ type: "text", text: asked.question }] },
  ]);
});

test("a model that fails leaves the question as it is, without a customer's word in the log", async () => {
  const failure = new AppError("MODEL_REQUEST_REJECTED", "no");
  const deps = depsOf(fakeModels({ "fake:one": [failure] }));
  expect(await translateQuestion(deps, asked, never)).toEqual({ text: null, call: null });
  expect(deps.warnings).toEqual([{ model: "fake:one", code: "MODEL_REQUEST_REJECTED" }]);
});

test("a model that takes longer than five seconds is not waited for", async () => {
  const { clock, sleptMs } = instantClock();
  const models = {
    ...fakeModels({}),
    get: (name: string) => ({
      ...fakeModels({}).get(name),
      doGenerate: () => new Promise<never>(() => {}),
    }),
  };
  const deps = depsOf(models, clock);
  expect(await translateQuestion(deps, asked, never)).toEqual({ text: null, call: null });
  expect(sleptMs).toEqual([5_000]);
  expect(deps.warnings).toMatchObject([{ code: "MODEL_TIMEOUT" }]);
});

test("a turn that was taken away ends here too", async () => {
  const lost = new AppError("TURN_OWNERSHIP_LOST", "gone");
  const models = fakeModels({ "fake:one": [new Error("aborted")] });
  await expect(translateQuestion(depsOf(models), asked, AbortSignal.abort(lost))).rejects.toBe(
    lost,
  );
});

test("an essay is no translation", async () => {
  const deps = depsOf(fakeModels({ "fake:one": [says("word ".repeat(1_000))] }));
  expect(await translateQuestion(deps, asked, never)).toMatchObject({
    text: null,
    call: { outputTokens: 5 },
  });
});
