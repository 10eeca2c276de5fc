import { AppError } from "#domain/errors.ts";

/** The providers that a model name may begin with. */
export const MODEL_PROVIDERS = [
  "openai",
  "google",
  "anthropic",
  "openai-compatible",
  "demo",
] as const;
export type ModelProvider = (typeof MODEL_PROVIDERS)[number];

/** A model name taken apart: `openai:gpt-5-mini` is model `gpt-5-mini` of provider `openai`. */
export type ModelName = { readonly provider: ModelProvider; readonly modelId: string };

/** The one model that needs no key, no network and no account. */
export const DEMO_MODEL_NAME = "demo:extractive";

/**
 * Takes `provider:model` apart; the model's own id may hold further colons (`llama3.1:8b`).
 * Throws `MODEL_UNKNOWN` with the possibilities.
 */
export function parseModelName(name: string): ModelName {
  const colon = name.indexOf(":");
  const provider = MODEL_PROVIDERS.find((known) => known === name.slice(0, colon));
  const modelId = name.slice(colon + 1).trim();
  if (colon < 0 || provider === undefined || modelId === "") throw unknownModel(name);
  if (provider === "demo" && name !== DEMO_MODEL_NAME) throw unknownModel(name);
  return { provider, modelId };
}

function unknownModel(name: string): AppError {
  return new AppError(
    "MODEL_UNKNOWN",
    `There is no model "${name}". A model is named ${possibleNames()}.`,
  );
}

function possibleNames(): string {
  const named = MODEL_PROVIDERS.filter((provider) => provider !== "demo");
  return `${named.map((provider) => `${provider}:<model>`).join(", ")} or ${DEMO_MODEL_NAME}`;
}
