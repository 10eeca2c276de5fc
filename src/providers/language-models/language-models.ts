import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogle } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { AppError } from "#domain/errors.ts";
import { demoModel } from "./demo-model.ts";
import { limitModel } from "./limit-model.ts";
import { createModelConnections } from "./model-fetch.ts";
import type { ModelFetch } from "./model-fetch.ts";
import { DEMO_MODEL_NAME, parseModelName } from "./model-name.ts";
import type { ModelProvider } from "./model-name.ts";
import { requireKey } from "./require-key.ts";

/** How to reach one provider; an absent base URL means the vendor's own. */
export type ModelProviderSettings = {
  readonly apiKey?: string | undefined;
  readonly baseUrl?: string | undefined;
};

/** The providers, with the platform's keys or an organization's. */
export type LanguageModelSettings = {
  readonly openai?: ModelProviderSettings;
  readonly google?: ModelProviderSettings;
  readonly anthropic?: ModelProviderSettings;
  /** Any server with `/chat/completions`: Llama on vLLM, Ollama, OpenRouter. Needs a base URL. */
  readonly openaiCompatible?: ModelProviderSettings;
  /** One call of a model must end within this time. */
  readonly timeoutMs: number;
};

/** Models by name. */
export type LanguageModels = {
  /**
   * The model called `provider:model`. Its failures are `AppError`s with a MODEL_ code. Throws
   * `MODEL_UNKNOWN` or, when its key is not set, `MODEL_KEY_INVALID`; both say what to do.
   */
  readonly get: (name: string) => LanguageModelV4;
  readonly close: () => Promise<void>;
};

/** A tenant may write any model name, so what is kept of them is bounded. */
const KEPT_MODELS_MAX = 200;

/** Language models by name, with kept connections; opens none before the first call. */
export function createLanguageModels(settings: LanguageModelSettings): LanguageModels {
  const connections = createModelConnections();
  const providers = new Map<ModelProvider, (modelId: string) => LanguageModelV4>();
  const models = new Map<string, LanguageModelV4>([[DEMO_MODEL_NAME, demoModel]]);

  return {
    get: (name) => {
      const kept = models.get(name);
      if (kept !== undefined) return kept;
      const { provider, modelId } = parseModelName(name);
      const open = providers.get(provider) ?? openProvider(provider, settings, connections.fetch);
      providers.set(provider, open);
      const model = limitModel(open(modelId), settings.timeoutMs);
      if (models.size < KEPT_MODELS_MAX) models.set(name, model);
      return model;
    },
    close: connections.close,
  };
}

/**
 * One provider of the AI SDK. Key and base URL are always given, because the SDK would read absent
 * ones from the environment behind our back.
 */
function openProvider(
  provider: ModelProvider,
  settings: LanguageModelSettings,
  fetch: ModelFetch,
): (modelId: string) => LanguageModelV4 {
  switch (provider) {
    case "openai": {
      const { apiKey, baseUrl } = requireKey(settings.openai, "OPENAI_API_KEY");
      const baseURL = baseUrl ?? "https://api.openai.com/v1";
      const openai = createOpenAI({ apiKey, baseURL, fetch });
      return (modelId) => openai.responses(modelId);
    }
    case "google": {
      const { apiKey, baseUrl } = requireKey(settings.google, "GEMINI_API_KEY");
      const baseURL = baseUrl ?? "https://generativelanguage.googleapis.com/v1beta";
      return createGoogle({ apiKey, baseURL, fetch });
    }
    case "anthropic": {
      const { apiKey, baseUrl } = requireKey(settings.anthropic, "ANTHROPIC_API_KEY");
      const baseURL = baseUrl ?? "https://api.anthropic.com/v1";
      return createAnthropic({ apiKey, baseURL, fetch });
    }
    case "openai-compatible": {
      const { apiKey, baseUrl } = settings.openaiCompatible ?? {};
      if (baseUrl === undefined || baseUrl === "") {
        throw new AppError(
          "MODEL_UNKNOWN",
          "Models of openai-compatible need the address of their server: set OPENAI_COMPATIBLE_BASE_URL.",
        );
      }
      const key = apiKey === undefined ? {} : { apiKey };
      return createOpenAICompatible({ name: "compatible", baseURL: baseUrl, fetch, ...key });
    }
    case "demo":
      return () => demoModel;
  }
}
