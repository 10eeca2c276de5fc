import type { ModelCall } from "#domain/conversation.ts";
import { MODEL_PRICES, type ModelPrice } from "./model-prices.ts";

/**
 * What model calls cost together, in millionths of a US dollar, rounded up once for all of them. Null
 * when the price of any of them is unknown: a sum without it would look like the whole.
 */
export function costOfCalls(calls: readonly ModelCall[]): number | null {
  let micros = 0;
  for (const { model, inputTokens, outputTokens } of calls) {
    const price = priceOf(model);
    if (price === null) return null;
    // dollars per million tokens are millionths of a dollar per token
    micros += inputTokens * price.input + outputTokens * price.output;
  }
  // binary fractions: 0.1 + 0.2 must not round up to one more
  return Math.ceil(Number(micros.toFixed(6)));
}

/** Names of one model at one date, such as `gpt-4o-2024-08-06` or `claude-haiku-4-5-20251001`. */
const DATE = /-(?:\d{4}-\d{2}-\d{2}|\d{8})$/;

function priceOf(model: string): ModelPrice | null {
  return lookUp(model) ?? lookUp(model.replace(DATE, ""));
}

/** Names come from tenants: none may reach what every object inherits. */
function lookUp(model: string): ModelPrice | null {
  return Object.hasOwn(MODEL_PRICES, model) ? (MODEL_PRICES[model] ?? null) : null;
}
