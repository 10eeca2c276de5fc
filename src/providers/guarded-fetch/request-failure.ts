import { AppError } from "#domain/errors.ts";

/** Failures of finding or reaching a server: nothing has been sent. */
const NEVER_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/**
 * A failed request to a tool's server as our own error. Whether the server may have got it matters:
 * who called it to change something must not call again when nobody knows.
 */
export function explainRequestFailure(error: unknown): AppError {
  if (error instanceof AppError)
    return error.code === "PAGE_ADDRESS_REFUSED"
      ? new AppError("TOOL_MISCONFIGURED", `The tool's address cannot be used. ${error.message}`, {
          cause: error,
        })
      : error;
  const code = codeOf(error);
  if (code === "ENOTFOUND")
    return new AppError("TOOL_UNAVAILABLE", "There is no server of the tool's name.", {
      cause: error,
    });
  if (NEVER_CONNECTED.has(code))
    return new AppError("TOOL_UNAVAILABLE", "The tool's server cannot be reached.", {
      cause: error,
    });
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code))
    return new AppError(
      "TOOL_UNAVAILABLE",
      "The tool's server has no valid certificate for its name.",
      { cause: error },
    );
  return new AppError(
    "TOOL_OUTCOME_UNKNOWN",
    "The connection to the tool's server broke before it answered, so nobody knows whether it did what it was asked.",
    { cause: error },
  );
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return "code" in error ? String(error.code) : codeOf(error.cause);
}
