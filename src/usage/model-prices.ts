/** What a model costs, in US dollars per million tokens: its list price, without discounts. */
export type ModelPrice = { readonly input: number; readonly output: number };

/**
 * The prices that we know, as of November 2025, by `provider:model` without the date that some names
 * end in. A model that is not here has an unknown price, which is shown as unknown and never as free. Longer prompts, cached
 * input and batches have other prices at some providers: the provider's invoice is what counts.
 *
 * Sources: openai.com/api/pricing, ai.google.dev/gemini-api/docs/pricing, claude.com/pricing.
 */
export const MODEL_PRICES: Readonly<Record<string, ModelPrice>> = {
  // runs in this process
  "demo:extractive": { input: 0, output: 0 },

  "openai:gpt-4o": { input: 2.5, output: 10 },
  "openai:gpt-4o-mini": { input: 0.15, output: 0.6 },
  "openai:gpt-4.1": { input: 2, output: 8 },
  "openai:gpt-4.1-mini": { input: 0.4, output: 1.6 },
  "openai:gpt-4.1-nano": { input: 0.1, output: 0.4 },
  "openai:gpt-5": { input: 1.25, output: 10 },
  "openai:gpt-5-mini": { input: 0.25, output: 2 },
  "openai:gpt-5-nano": { input: 0.05, output: 0.4 },

  "google:gemini-2.0-flash": { input: 0.1, output: 0.4 },
  "google:gemini-2.5-flash-lite": { input: 0.1, output: 0.4 },
  "google:gemini-2.5-flash": { input: 0.3, output: 2.5 },
  "google:gemini-2.5-pro": { input: 1.25, output: 10 },

  "anthropic:claude-3-5-haiku": { input: 0.8, output: 4 },
  "anthropic:claude-haiku-4-5": { input: 1, output: 5 },
  "anthropic:claude-sonnet-4": { input: 3, output: 15 },
  "anthropic:claude-sonnet-4-5": { input: 3, output: 15 },
  "anthropic:claude-opus-4-1": { input: 15, output: 75 },
  "anthropic:claude-opus-4-5": { input: 5, output: 25 },
};
