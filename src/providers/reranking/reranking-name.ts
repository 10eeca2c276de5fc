import { AppError } from "#domain/errors.ts";

const RERANKING_PROVIDERS = ["cohere", "openai-compatible"] as const;
/** The providers that the name of a re-ranking model may begin with. */
export type RerankingProvider = (typeof RERANKING_PROVIDERS)[number];

/** Takes `provider:model` apart. Throws `MODEL_UNKNOWN` with the possibilities. */
export function parseRerankingName(name: string): {
  readonly provider: RerankingProvider;
  readonly modelId: string;
} {
  const colon = name.indexOf(":");
  const provider = RERANKING_PROVIDERS.find((known) => known === name.slice(0, colon));
  const modelId = name.slice(colon + 1).trim();
  if (provider === undefined || modelId === "")
    throw new AppError(
      "MODEL_UNKNOWN",
      `There is no re-ranking model "${name}". One is named cohere:rerank-v3.5 or openai-compatible:<model>.`,
    );
  return { provider, modelId };
}
