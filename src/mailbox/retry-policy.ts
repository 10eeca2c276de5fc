import type { AppError } from "#domain/errors.ts";

/** First wait; it doubles with each attempt. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/** Attempts of any turn. With the waits between them about two minutes. */
const ATTEMPTS_MAX = 8;
/** A model that fails this often in 10 seconds is down: better the configured sentence than silence. */
const MODEL_ATTEMPTS_MAX = 4;

/** How often a turn is begun at most, when its attempts fail with this code. */
export const attemptsMax = (errorCode: string): number =>
  errorCode.startsWith("MODEL_") ? MODEL_ATTEMPTS_MAX : ATTEMPTS_MAX;

/** What becomes of a failed attempt. */
export type RetryDecision =
  | { readonly kind: "retry"; readonly waitMs: number }
  | { readonly kind: "give up" };

/** Whether a turn may not even be started any more: each of its attempts ended without an end. */
export const isExhausted = (attempt: number): boolean => attempt > ATTEMPTS_MAX;

/**
 * Decides by the error's code. Waits grow 1, 2, 4 … s up to a minute, or as long as the other side
 * asked for, and are spread by half so that what failed together does not come back together.
 * @param random from 0 up to 1.
 */
export function decideRetry(error: AppError, attempt: number, random: number): RetryDecision {
  if (!error.retryable || attempt >= attemptsMax(error.code)) return { kind: "give up" };
  const growing =
    Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)) * (0.5 + random / 2);
  return { kind: "retry", waitMs: Math.max(growing, error.retryAfterMs ?? 0) };
}
