import type { LanguageModels } from "#providers/language-models/language-models.ts";
import { NO_TRANSCRIPTION } from "#providers/transcription/transcription-name.ts";
import {
  createTranscriptions,
  type Transcriptions,
} from "#providers/transcription/transcriptions.ts";
import type { Config } from "./config.ts";

/** What voice messages are heard with. */
export type Hearing = {
  readonly transcriptions: Transcriptions;
  /** For chatbots without a model of their own; null: they hear nothing. */
  readonly defaultTranscriptionModel: string | null;
};

/** The smallest of OpenAI's that hears well, where there is a key for it. */
const USUAL_MODEL = "openai:gpt-4o-mini-transcribe";

/** Opens the transcription models; none connects to anything before it is used. */
export function openHearing(config: Config, models: LanguageModels): Hearing {
  const usual = config.OPENAI_API_KEY === undefined ? NO_TRANSCRIPTION : USUAL_MODEL;
  const model = config.DEFAULT_TRANSCRIPTION_MODEL ?? usual;
  return {
    transcriptions: createTranscriptions({
      openai: { apiKey: config.OPENAI_API_KEY, baseUrl: config.OPENAI_BASE_URL },
      openaiCompatible: {
        apiKey: config.OPENAI_COMPATIBLE_API_KEY,
        baseUrl: config.OPENAI_COMPATIBLE_BASE_URL,
      },
      models,
      timeoutMs: config.MODEL_TIMEOUT_MS,
    }),
    defaultTranscriptionModel: model === NO_TRANSCRIPTION ? null : model,
  };
}
