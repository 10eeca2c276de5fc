import { AppError } from "#domain/errors.ts";
import { createModelConnections } from "#providers/language-models/model-fetch.ts";
import { remoteReranking } from "./remote-reranking.ts";
import { parseRerankingName } from "./reranking-name.ts";
import type { Reranking } from "./reranking.ts";

/** Where the servers of re-ranking models are. */
export type RerankingSettings = {
  readonly cohere: { readonly apiKey: string | undefined; readonly baseUrl: string };
  readonly compatible: {
    readonly apiKey: string | undefined;
    readonly baseUrl: string | undefined;
  };
  /** How long one call may take. Somebody waits for the answer, and there is an order without it. */
  readonly timeoutMs: number;
};

/** The re-ranking models of the platform. */
export type Rerankings = {
  /** @throws AppError MODEL_UNKNOWN or MODEL_KEY_INVALID, with a sentence that says what to set. */
  readonly get: (name: string) => Reranking;
  readonly close: () => Promise<void>;
};

/** Opens re-ranking models by name, with kept connections; opens none before the first call. */
export function createRerankings(settings: RerankingSettings): Rerankings {
  const { fetch, close } = createModelConnections();
  const { timeoutMs } = settings;
  return {
    get: (name) => {
      const { provider, modelId } = parseRerankingName(name);
      const server = provider === "cohere" ? findCohere(settings) : findCompatible(settings);
      return remoteReranking({ name, modelId, ...server }, { fetch, timeoutMs });
    },
    close,
  };
}

function findCohere({ cohere }: RerankingSettings) {
  const { apiKey, baseUrl } = cohere;
  if (apiKey === undefined)
    throw new AppError("MODEL_KEY_INVALID", "Models of cohere need a key: set COHERE_API_KEY.");
  return { apiKey, baseUrl };
}

function findCompatible({ compatible }: RerankingSettings) {
  const { apiKey, baseUrl } = compatible;
  if (baseUrl === undefined)
    throw new AppError(
      "MODEL_UNKNOWN",
      "Re-ranking by openai-compatible needs the address of its server: set RERANKING_BASE_URL.",
    );
  return { apiKey, baseUrl };
}
