/** What was said in a recording, and what finding out has cost. */
export type Transcript = {
  /** Empty where nobody speaks. */
  readonly text: string;
  /** As reported; 0 where a provider counts seconds instead. */
  readonly tokensPrompt: number;
  readonly tokensCompletion: number;
  /** As the provider bills it, in milliseconds; null where it counts tokens. */
  readonly billedMs: number | null;
};

/** A recording. */
export type Recording = {
  readonly bytes: Uint8Array;
  /** Without parameters, such as `audio/ogg`. */
  readonly mimeType: string;
};

/**
 * A model that hears, by its name. Its failures are `AppError`s with a MODEL_ code, and hold nothing of
 * what was said.
 */
export type Transcription = {
  /** `provider:model`, as it is logged. */
  readonly model: string;
  readonly transcribe: (recording: Recording, signal: AbortSignal) => Promise<Transcript>;
};
