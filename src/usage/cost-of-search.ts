import { lookUp, toWholeMicros } from "./look-up-price.ts";
import { EMBEDDING_PRICES, RERANKING_PRICES } from "./model-prices.ts";

/** What embedding so many tokens costs, in millionths of a US dollar; null: the price is unknown. */
export function costOfEmbedding(model: string, tokens: number): number | null {
  const price = lookUp(EMBEDDING_PRICES, model);
  // dollars per million tokens are millionths of a dollar per token
  return price === null ? null : toWholeMicros(price * tokens);
}

/** What one call of a re-ranking model costs, in millionths of a US dollar; null: the price is unknown. */
export function costOfReranking(model: string): number | null {
  const price = lookUp(RERANKING_PRICES, model);
  return price === null ? null : toWholeMicros(price * 1_000);
}
