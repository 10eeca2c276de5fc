/**
 * US dollars per minute of the models whose price we know, as of November 2025. For the models that are
 * billed by tokens it is OpenAI's own estimate. Source: openai.com/api/pricing.
 */
const DOLLARS_PER_MINUTE: ReadonlyMap<string, number> = new Map([
  ["openai:whisper-1", 0.006],
  ["openai:gpt-4o-transcribe", 0.006],
  ["openai:gpt-4o-mini-transcribe", 0.003],
]);

const MICROS_PER_DOLLAR = 1_000_000;
const MS_PER_MINUTE = 60_000;

/**
 * What a transcription cost, in millionths of a US dollar, rounded up. Null when the price or the length
 * of the recording is unknown.
 */
export function costOfTranscription(model: string, audioMs: number | null): number | null {
  const price = DOLLARS_PER_MINUTE.get(model);
  if (price === undefined || audioMs === null) return null;
  // binary fractions: 0.1 + 0.2 must not round up to one more
  return Math.ceil(Number(((audioMs / MS_PER_MINUTE) * price * MICROS_PER_DOLLAR).toFixed(6)));
}
