import { AppError } from "#domain/errors.ts";

const TRANSCRIPTION_PROVIDERS = ["openai", "google", "openai-compatible"] as const;
/** The providers that the name of a transcription model may begin with. */
export type TranscriptionProvider = (typeof TRANSCRIPTION_PROVIDERS)[number];

/** Stands for hearing nothing, where a name is asked for. */
export const NO_TRANSCRIPTION = "none";

/** Takes `provider:model` apart. Throws `MODEL_UNKNOWN` with the possibilities. */
export function parseTranscriptionName(name: string): {
  readonly provider: TranscriptionProvider;
  readonly modelId: string;
} {
  const colon = name.indexOf(":");
  const provider = TRANSCRIPTION_PROVIDERS.find((known) => known === name.slice(0, colon));
  const modelId = name.slice(colon + 1).trim();
  if (provider === undefined || modelId === "")
    throw new AppError(
      "MODEL_UNKNOWN",
      `There is no transcription model "${name}". One is named openai:gpt-4o-mini-transcribe, openai:whisper-1, google:<model> or openai-compatible:<model>.`,
    );
  return { provider, modelId };
}
