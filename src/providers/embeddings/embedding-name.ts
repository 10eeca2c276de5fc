import { AppError } from "#domain/errors.ts";

/** The providers that the name of an embedding model may begin with. */
const EMBEDDING_PROVIDERS = ["local", "openai", "google", "openai-compatible"] as const;
/** One of them. */
export type EmbeddingProvider = (typeof EMBEDDING_PROVIDERS)[number];

/** The one embedding that needs no key, no network and no account. */
export const LOCAL_EMBEDDING_NAME = "local:hash";

/** Takes `provider:model` apart. Throws `MODEL_UNKNOWN` with the possibilities. */
export function parseEmbeddingName(name: string): {
  readonly provider: EmbeddingProvider;
  readonly modelId: string;
} {
  const colon = name.indexOf(":");
  const provider = EMBEDDING_PROVIDERS.find((known) => known === name.slice(0, colon));
  const modelId = name.slice(colon + 1).trim();
  if (provider === undefined || modelId === "") throw unknownModel(name);
  if (provider === "local" && name !== LOCAL_EMBEDDING_NAME) throw unknownModel(name);
  return { provider, modelId };
}

function unknownModel(name: string): AppError {
  return new AppError(
    "MODEL_UNKNOWN",
    `There is no embedding model "${name}". One is named ${LOCAL_EMBEDDING_NAME}, openai:text-embedding-ada-002, openai:text-embedding-3-small, google:gemini-embedding-001 or openai-compatible:<model>.`,
  );
}
