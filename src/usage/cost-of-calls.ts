import type { ModelCall } from "#domain/conversation.ts";
import { lookUp, toWholeMicros } from "./look-up-price.ts";
import { MODEL_PRICES, type ModelPrice } from "./model-prices.ts";

/**
 * What model calls cost together, in millionths of a US dollar, rounded up once for all of them. Null
 * when the price of any of them is unknown: a sum without it would look like the whole.
 */
export function costOfCalls(calls: readonly ModelCall[]): number | null {
  let micros = 0;
  for (const { model, inputTokens, cachedInputTokens = 0, outputTokens } of calls) {
    const price = priceOf(model);
    if (price === null) return null;
    const { input, cachedInput = input, output } = price;
    // dollars per million tokens are millionths of a dollar per token
    micros += (inputTokens - cachedInputTokens) * input + cachedInputTokens * cachedInput;
    micros += outputTokens * output;
  }
  return toWholeMicros(micros);
}

/** Whether calls of a model have a price that we know. */
export function isPriceKnown(model: string): boolean {
  return priceOf(model) !== null;
}

/** Names of one model at one date, such as `gpt-4o-2024-08-06` or `claude-haiku-4-5-20251001`. */
const DATE = /-(?:\d{4}-\d{2}-\d{2}|\d{8})$/;

function priceOf(model: string): ModelPrice | null {
  return lookUp(MODEL_PRICES, model) ?? lookUp(MODEL_PRICES, model.replace(DATE, ""));
}
