import type { MediaReason } from "#domain/media.ts";
import { oggDurationMs } from "./ogg-duration.ts";

/** How long a recording is, in milliseconds, or why it is not heard. */
type CheckedRecording =
  | { readonly durationMs: number | null; readonly reason: null }
  | { readonly reason: MediaReason };

/** Whoever speaks longer than that is asked to write: it would cost much and hold up the answer. */
const AUDIO_MS_MAX = 30 * 60_000;

/** Of a recording whose length is not known: half an hour of speech at 32 kbit/s. */
const AUDIO_BYTES_MAX = 7_200_000;

/** AMR, bare or in 3GPP: half an hour at 12.2 kbit/s, its best quality, with its headers. */
const AMR_BYTES_MAX = 2_900_000;
const AMR_TYPES = ["audio/amr", "audio/3gpp"];

/**
 * Voice messages of WhatsApp take 2,000 to 4,000 bytes a second. How long a file is says whoever made
 * it: one that takes this much says less than it holds.
 */
const OGG_BYTES_PER_SECOND_MAX = 16_000;

/**
 * Finds recordings that are too long to be heard. Where the length is not known, or cannot be believed,
 * the size stands for it, so that nobody hides hours in a small file.
 */
export function checkRecording(bytes: Uint8Array, mimeType: string | null): CheckedRecording {
  const durationMs = believe(oggDurationMs(bytes), bytes.length);
  if (durationMs !== null)
    return durationMs > AUDIO_MS_MAX ? { reason: "too-long" } : { durationMs, reason: null };
  const bytesMax = AMR_TYPES.includes(mimeType ?? "") ? AMR_BYTES_MAX : AUDIO_BYTES_MAX;
  return bytes.length > bytesMax ? { reason: "too-large" } : { durationMs: null, reason: null };
}

/** Headers and comments weigh a second's worth; beyond that the rate counts. */
function believe(durationMs: number | null, sizeBytes: number): number | null {
  if (durationMs === null) return null;
  const plausibleBytes = (durationMs / 1_000 + 1) * OGG_BYTES_PER_SECOND_MAX;
  return sizeBytes > plausibleBytes ? null : durationMs;
}
