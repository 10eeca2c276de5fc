import type { AppError } from "#domain/errors.ts";

/** Meta's number of a failure, where Meta gave one. */
export function metaCodeOf(error: AppError): number | null {
  const code = error.details["metaCode"];
  return typeof code === "number" ? code : null;
}
