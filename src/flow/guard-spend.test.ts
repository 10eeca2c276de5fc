import { expect, test } from "vitest";
import { contextOf, promptOf } from "#agent/fakes-for-tests.ts";
import { NO_ANSWER } from "#domain/conversation.ts";
import { answerWithoutModel, createSpendGuard, mayNotSpend } from "./guard-spend.ts";

const contextWith = (
  spend: { readonly turnCeilingMicros: number | null; readonly isMonthUsedUp: boolean },
  fallbackSentence = "",
) => {
  const { chatbot } = contextOf();
  return contextOf({ chatbot: { ...chatbot, spend, prompt: promptOf({ fallbackSentence }) } });
};
const call = (model: string, outputTokens: number) => ({
  model,
  inputTokens: 0,
  outputTokens,
  durationMs: 1,
});

test("a turn is spent when its calls of known price have cost the ceiling", () => {
  const isSpent = createSpendGuard(contextWith({ turnCeilingMicros: 600, isMonthUsedUp: false }));
  expect(isSpent([])).toBe(false);
  expect(isSpent([call("openai:gpt-4o-mini", 990)])).toBe(false);
  expect(isSpent([call("openai:gpt-4o-mini", 500), call("openai:gpt-4o-mini", 500)])).toBe(true);
  expect(isSpent([call("openai:gpt-99", 9_999), call("openai:gpt-4o-mini", 1_000)])).toBe(true);
  expect(isSpent([call("openai:gpt-99", 9_999)])).toBe(false);
});

test("calls that were made, and whatever was paid, before the loop count too", () => {
  const spend = { turnCeilingMicros: 600, isMonthUsedUp: false };
  const isSpent = createSpendGuard(contextWith(spend), {
    calls: [call("openai:gpt-4o-mini", 900)],
  });
  expect(isSpent([])).toBe(false);
  expect(isSpent([call("openai:gpt-4o-mini", 200)])).toBe(true);
  expect(createSpendGuard(contextWith(spend), { micros: 599 })([])).toBe(false);
  expect(createSpendGuard(contextWith(spend), { micros: 600 })([])).toBe(true);
});

test("without a ceiling no turn is ever spent", () => {
  const isSpent = createSpendGuard(contextWith({ turnCeilingMicros: null, isMonthUsedUp: false }));
  expect(isSpent([call("openai:gpt-4o-mini", 1_000_000_000)])).toBe(false);
});

test("a month that is used up begins no model call, but a turn that has paid for one goes on", () => {
  const usedUp = contextWith({ turnCeilingMicros: null, isMonthUsedUp: true });
  const paid = new Map([["model-0", { call: call("openai:gpt-4o-mini", 1) }]]);
  expect(mayNotSpend(usedUp, { finishedSteps: () => new Map() })).toBe(true);
  expect(mayNotSpend(usedUp, { finishedSteps: () => paid })).toBe(false);
  expect(mayNotSpend(contextOf(), { finishedSteps: () => new Map() })).toBe(false);
});

test("a turn that has taken a yes is answered, also when the month is used up meanwhile", () => {
  const usedUp = contextWith({ turnCeilingMicros: null, isMonthUsedUp: true });
  const taken = new Map([["confirmation", { confirmation: null }]]);
  expect(mayNotSpend(usedUp, { finishedSteps: () => taken })).toBe(false);
});

test("the answer without a model is the fallback sentence, else the failure message, and free", () => {
  const spend = { turnCeilingMicros: null, isMonthUsedUp: true };
  expect(answerWithoutModel(contextWith(spend, "{{business.name}} will call you."))).toEqual({
    ...NO_ANSWER,
    text: "Pizza Roma will call you.",
  });
  expect(answerWithoutModel(contextWith(spend)).text).toBe("Sorry.");
});
