import type { AppError } from "#domain/errors.ts";

/** An embedding service that asks to slow down, or is away: what is paid for is stored, so wait. */
export function isWorthWaiting({ code, retryable }: AppError): boolean {
  return retryable && code.startsWith("MODEL_");
}
