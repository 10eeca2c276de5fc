import { AppError } from "#domain/errors.ts";

const TIMEOUTS = new Set([
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "ETIMEDOUT",
]);

/** A failed fetch as our own error, with a sentence for whoever chose the address. */
export function explainFetchFailure(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  if (TIMEOUTS.has(code) || (error instanceof Error && error.name === "TimeoutError"))
    return new AppError("PAGE_TOO_SLOW", "The page's server is too slow. It is tried again.", {
      cause: error,
    });
  if (code === "ENOTFOUND")
    return new AppError("PAGE_GONE", "There is no server of this name. Check the address.", {
      cause: error,
    });
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code))
    return new AppError(
      "PAGE_UNAVAILABLE",
      "The page's server has no valid certificate for its name.",
      { cause: error },
    );
  return new AppError(
    "PAGE_UNAVAILABLE",
    "The page's server cannot be reached. It is tried again.",
    { cause: error },
  );
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return "code" in error ? String(error.code) : codeOf(error.cause);
}
