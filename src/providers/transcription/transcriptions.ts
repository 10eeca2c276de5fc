import { AppError } from "#domain/errors.ts";
import type {
  LanguageModels,
  LanguageModelSettings,
} from "#providers/language-models/language-models.ts";
import { createModelConnections } from "#providers/language-models/model-fetch.ts";
import { requireKey } from "#providers/language-models/require-key.ts";
import { googleTranscription } from "./google-transcription.ts";
import { openaiTranscription } from "./openai-transcription.ts";
import { parseTranscriptionName } from "./transcription-name.ts";
import type { Transcription } from "./transcription.ts";

/** The providers, with the same keys as for language models. */
export type TranscriptionSettings = Pick<
  LanguageModelSettings,
  "openai" | "openaiCompatible" | "timeoutMs"
> & {
  /** Gemini hears as it reads. */
  readonly models: Pick<LanguageModels, "get">;
};

/** Transcription models by name. */
export type Transcriptions = {
  /** @throws AppError MODEL_UNKNOWN or MODEL_KEY_INVALID, with a sentence that says what to set. */
  readonly get: (name: string) => Transcription;
  readonly close: () => Promise<void>;
};

/** Opens transcription models by name, with kept connections; opens none before the first call. */
export function createTranscriptions(settings: TranscriptionSettings): Transcriptions {
  const { fetch, close } = createModelConnections();
  const options = { fetch, timeoutMs: settings.timeoutMs };
  return {
    get: (name) => {
      const { provider, modelId } = parseTranscriptionName(name);
      switch (provider) {
        case "openai": {
          const { apiKey, baseUrl } = requireKey(settings.openai, "OPENAI_API_KEY");
          const server = { name, modelId, apiKey, baseUrl: baseUrl ?? "https://api.openai.com/v1" };
          return openaiTranscription(server, options);
        }
        case "openai-compatible": {
          const { apiKey, baseUrl } = settings.openaiCompatible ?? {};
          if (baseUrl === undefined)
            throw new AppError(
              "MODEL_UNKNOWN",
              "Transcription by openai-compatible needs the address of its server: set OPENAI_COMPATIBLE_BASE_URL.",
            );
          return openaiTranscription({ name, modelId, apiKey, baseUrl }, options);
        }
        case "google":
          return googleTranscription(name, settings.models.get(name));
      }
    },
    close,
  };
}
