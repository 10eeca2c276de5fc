import fc from "fast-check";
import { expect, test } from "vitest";
import { costOfCalls, isPriceKnown } from "./cost-of-calls.ts";
import { MODEL_PRICES } from "./model-prices.ts";

const call = (model: string, inputTokens: number, outputTokens: number) => ({
  model,
  inputTokens,
  outputTokens,
  durationMs: 1,
});

test("a million tokens cost what the table says", () => {
  expect(costOfCalls([call("openai:gpt-4o-mini", 1_000_000, 0)])).toBe(150_000);
  expect(costOfCalls([call("openai:gpt-4o-mini", 0, 1_000_000)])).toBe(600_000);
});

test("cached input costs less where the table says so", () => {
  const cached = { ...call("openai:gpt-4o-mini", 1_000_000, 0), cachedInputTokens: 600_000 };
  expect(costOfCalls([cached])).toBe(60_000 + 45_000);
});

test("whether a model has a known price does not depend on its calls", () => {
  expect(isPriceKnown("openai:gpt-4o-2024-08-06")).toBe(true);
  expect(isPriceKnown("demo:extractive")).toBe(true);
  expect(isPriceKnown("openai-compatible:mine")).toBe(false);
});

test("the calls of a turn add up, also over several models", () => {
  const calls = [call("openai:gpt-5", 1_000, 100), call("anthropic:claude-haiku-4-5", 2_000, 50)];
  expect(costOfCalls(calls)).toBe(1_250 + 1_000 + 2_000 + 250);
});

test("a name with a date costs what the model costs", () => {
  const dated = ["openai:gpt-4o-2024-08-06", "anthropic:claude-haiku-4-5-20251001"];
  expect(dated.map((model) => costOfCalls([call(model, 1_000, 0)]))).toEqual([2_500, 1_000]);
});

test("an unknown price makes the whole unknown, never free", () => {
  expect(costOfCalls([call("openai-compatible:mine", 10, 10)])).toBeNull();
  expect(costOfCalls([call("openai:gpt-4o", 10, 10), call("openai:gpt-99", 1, 1)])).toBeNull();
  expect(costOfCalls([call("constructor", 1, 1)])).toBeNull();
});

test("the demo model is free, and no call costs nothing", () => {
  expect(costOfCalls([call("demo:extractive", 5_000, 500)])).toBe(0);
  expect(costOfCalls([])).toBe(0);
});

test("parts of a millionth are rounded up once, over all calls", () => {
  const calls = fc.array(
    fc.tuple(fc.constantFrom(...Object.keys(MODEL_PRICES)), fc.nat(200_000), fc.nat(20_000)),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(calls, (parts) => {
      const made = parts.map((part) => call(...part));
      const together = costOfCalls(made) ?? Number.NaN;
      const apart = made.reduce((sum, one) => sum + (costOfCalls([one]) ?? Number.NaN), 0);
      expect(Number.isInteger(together)).toBe(true);
      expect(together).toBeLessThanOrEqual(apart);
      expect(together).toBeGreaterThan(apart - made.length - 1);
    }),
  );
});
