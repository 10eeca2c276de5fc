import { AppError } from "#domain/errors.ts";

/** Steps before anything is sent, as Node names them: looking up a name, and connecting. */
const BEFORE_SENDING: ReadonlySet<string> = new Set(["getaddrinfo", "connect"]);
/** The certificate is read before anything is sent. Node's `ERR_SSL_…` may come at any time. */
const CERTIFICATE = /^(?!ERR_SSL_).*(CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER))/;

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
  const { code, syscall } = originOf(error);
  if (code === "ENOTFOUND")
    return new AppError("TOOL_UNAVAILABLE", "There is no server of the tool's name.", {
      cause: error,
    });
  if (BEFORE_SENDING.has(syscall) || code === "UND_ERR_CONNECT_TIMEOUT")
    return new AppError("TOOL_UNAVAILABLE", "The tool's server cannot be reached.", {
      cause: error,
    });
  if (CERTIFICATE.test(code))
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

/** What the system said, under what undici says. */
function originOf(error: unknown): { readonly code: string; readonly syscall: string } {
  if (!(error instanceof Error)) return { code: "", syscall: "" };
  if (error instanceof AggregateError) return originOf(error.errors[0]);
  if (!("code" in error)) return originOf(error.cause);
  return { code: String(error.code), syscall: "syscall" in error ? String(error.syscall) : "" };
}
