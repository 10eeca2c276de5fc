import { setImmediate as giveWay } from "node:timers/promises";
import { createGoogle } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { AppError } from "#domain/errors.ts";
import type { LanguageModelSettings } from "#providers/language-models/language-models.ts";
import { createModelConnections } from "#providers/language-models/model-fetch.ts";
import type { ModelFetch } from "#providers/language-models/model-fetch.ts";
import { requireKey } from "#providers/language-models/require-key.ts";
import { LOCAL_EMBEDDING_NAME, parseEmbeddingName } from "./embedding-name.ts";
import { EMBEDDING_DIMENSIONS } from "./embedding.ts";
import type { Embedding } from "./embedding.ts";
import { hashEmbedding } from "./hash-embedding.ts";
import { remoteEmbedding } from "./remote-embedding.ts";

/** The providers, with the platform's keys or an organization's; the same as for language models. */
export type EmbeddingSettings = Pick<
  LanguageModelSettings,
  "openai" | "google" | "openaiCompatible" | "timeoutMs"
>;

/** Embedding models by name. */
export type Embeddings = {
  /**
   * The embedding model called `provider:model`. Throws `MODEL_UNKNOWN` or, when its key is not
   * set, `MODEL_KEY_INVALID`; both say what to do.
   */
  readonly get: (name: string) => Embedding;
  readonly close: () => Promise<void>;
};

/** Embedding models by name, with kept connections; opens none before the first call. */
export function createEmbeddings(settings: EmbeddingSettings): Embeddings {
  const connections = createModelConnections();
  return {
    get: (name) =>
      name === LOCAL_EMBEDDING_NAME ? localEmbedding : openModel(name, settings, connections.fetch),
    close: connections.close,
  };
}

/** Key and base URL are always given: the SDK would read absent ones from the environment. */
function openModel(name: string, settings: EmbeddingSettings, fetch: ModelFetch): Embedding {
  const { provider, modelId } = parseEmbeddingName(name);
  const { timeoutMs } = settings;
  switch (provider) {
    case "local":
      return localEmbedding;
    case "openai": {
      const { apiKey, baseUrl } = requireKey(settings.openai, "OPENAI_API_KEY");
      const baseURL = baseUrl ?? "https://api.openai.com/v1";
      const model = createOpenAI({ apiKey, baseURL, fetch }).embeddingModel(modelId);
      // ada-002 has 1536 dimensions and refuses to be asked for them.
      const cut = modelId.startsWith("text-embedding-3")
        ? { dimensions: EMBEDDING_DIMENSIONS }
        : {};
      return remoteEmbedding(name, model, { ...cut, timeoutMs });
    }
    case "google": {
      const { apiKey, baseUrl } = requireKey(settings.google, "GEMINI_API_KEY");
      const baseURL = baseUrl ?? "https://generativelanguage.googleapis.com/v1beta";
      const model = createGoogle({ apiKey, baseURL, fetch }).embeddingModel(modelId);
      return remoteEmbedding(name, model, {
        dimensions: EMBEDDING_DIMENSIONS,
        passageOptions: { google: { taskType: "RETRIEVAL_DOCUMENT" } },
        questionOptions: { google: { taskType: "RETRIEVAL_QUERY" } },
        timeoutMs,
      });
    }
    case "openai-compatible": {
      const { apiKey, baseUrl } = settings.openaiCompatible ?? {};
      if (baseUrl === undefined || baseUrl === "") {
        throw new AppError(
          "MODEL_UNKNOWN",
          "Embeddings of openai-compatible need the address of their server: set OPENAI_COMPATIBLE_BASE_URL.",
        );
      }
      const key = apiKey === undefined ? {} : { apiKey };
      const open = createOpenAICompatible({ name: "compatible", baseURL: baseUrl, fetch, ...key });
      return remoteEmbedding(name, open.embeddingModel(modelId), { timeoutMs });
    }
  }
}

/** Passages after which a caller may keep its progress: about 0.2 s of work. */
const LOCAL_BATCH = 256;

const localEmbedding: Embedding = {
  model: LOCAL_EMBEDDING_NAME,
  dimensions: EMBEDDING_DIMENSIONS,
  batchSize: LOCAL_BATCH,
  embedPassages: async (texts, signal) => {
    const vectors: number[][] = [];
    for (const text of texts) {
      await giveWay(); // a passage takes about a millisecond, and a webhook waits many times
      signal.throwIfAborted();
      vectors.push(hashEmbedding(text));
    }
    return { vectors, tokens: 0 };
  },
  embedQuestion: async (text, signal) => {
    await giveWay();
    signal.throwIfAborted();
    return { vector: hashEmbedding(text), tokens: 0 };
  },
};
