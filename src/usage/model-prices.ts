/** What a model costs, in US dollars per million tokens: its list price, without discounts. */
export type ModelPrice = {
  readonly input: number;
  /** Of the input that the provider had in its cache; left out: as any other. */
  readonly cachedInput?: number;
  readonly output: number;
};

/**
 * The prices that we know, as of November 2025, by `provider:model` without the date that some names
 * end in. A model that is not here has an unknown price, which is shown as unknown and never as free. Longer prompts, batches
 * and what is written to a cache have other prices at some providers: the provider's invoice is what counts.
 *
 * Sources: openai.com/api/pricing, ai.google.dev/gemini-api/docs/pricing, claude.com/pricing.
 */
export const MODEL_PRICES: Readonly<Record<string, ModelPrice>> = {
  // runs in this process
  "demo:extractive": { input: 0, output: 0 },

  "openai:gpt-4o": { input: 2.5, cachedInput: 1.25, output: 10 },
  "openai:gpt-4o-mini": { input: 0.15, cachedInput: 0.075, output: 0.6 },
  "openai:gpt-4.1": { input: 2, cachedInput: 0.5, output: 8 },
  "openai:gpt-4.1-mini": { input: 0.4, cachedInput: 0.1, output: 1.6 },
  "openai:gpt-4.1-nano": { input: 0.1, cachedInput: 0.025, output: 0.4 },
  "openai:gpt-5": { input: 1.25, cachedInput: 0.125, output: 10 },
  "openai:gpt-5-mini": { input: 0.25, cachedInput: 0.025, output: 2 },
  "openai:gpt-5-nano": { input: 0.05, cachedInput: 0.005, output: 0.4 },

  "google:gemini-2.0-flash": { input: 0.1, cachedInput: 0.025, output: 0.4 },
  "google:gemini-2.5-flash-lite": { input: 0.1, cachedInput: 0.01, output: 0.4 },
  "google:gemini-2.5-flash": { input: 0.3, cachedInput: 0.03, output: 2.5 },
  "google:gemini-2.5-pro": { input: 1.25, cachedInput: 0.125, output: 10 },

  "anthropic:claude-3-5-haiku": { input: 0.8, cachedInput: 0.08, output: 4 },
  "anthropic:claude-haiku-4-5": { input: 1, cachedInput: 0.1, output: 5 },
  "anthropic:claude-sonnet-4": { input: 3, cachedInput: 0.3, output: 15 },
  "anthropic:claude-sonnet-4-5": { input: 3, cachedInput: 0.3, output: 15 },
  "anthropic:claude-opus-4-1": { input: 15, cachedInput: 1.5, output: 75 },
  "anthropic:claude-opus-4-5": { input: 5, cachedInput: 0.5, output: 25 },
};

/**
 * What embedding models cost, in US dollars per million tokens, as of the same month and from the same
 * sources.
 */
export const EMBEDDING_PRICES: Readonly<Record<string, number>> = {
  // runs in this process
  "local:hash": 0,

  "openai:text-embedding-ada-002": 0.1,
  "openai:text-embedding-3-small": 0.02,
  "openai:text-embedding-3-large": 0.13,

  "google:gemini-embedding-001": 0.15,
};

/**
 * What re-ranking models cost, in US dollars per thousand calls of up to 100 passages (cohere.com/pricing,
 * same month). Those that are billed otherwise are unknown.
 */
export const RERANKING_PRICES: Readonly<Record<string, number>> = { "cohere:rerank-v3.5": 2 };
