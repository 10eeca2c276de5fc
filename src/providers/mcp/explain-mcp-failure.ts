import { MCPClientError } from "@ai-sdk/mcp";
import { AppError, type ErrorCode } from "#domain/errors.ts";
import { noAnswer } from "./request-messages.ts";

/** What a server says of a failure is cut to this; for a model it is cut again, without credentials. */
const TEXT_LENGTH_MAX = 20_000;

/**
 * JSON-RPC: the server failed, lost its connection or waited too long, all of which may come in the
 * middle of the work. Any other code says that the request was wrong.
 */
const HALF_WAY: ReadonlySet<number> = new Set([-32603, -32000, -32001]);
/** HTTP: the server waited too long. */
const REQUEST_TIMEOUT = 408;

/**
 * A failure of MCP's client or of a transport as our own error. Whatever does not certainly say that
 * nothing was done leaves the outcome unknown.
 */
export function explainMcpFailure(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (!MCPClientError.isInstance(error)) return unreadable(error);
  if (error.code !== undefined) {
    const code = HALF_WAY.has(error.code) ? "TOOL_OUTCOME_UNKNOWN" : "TOOL_REQUEST_REJECTED";
    return failure(code, `The tool's server says: ${cutText(error.message)}`, error);
  }
  if (error.statusCode !== undefined) return statusFailure(error, error.statusCode);
  if (error.message === "Connection closed") return noAnswer(error);
  return unreadable(error);
}

/** The same where nothing was asked that could have an effect. */
export function explainHarmlessFailure(error: unknown): AppError {
  const explained = explainMcpFailure(error);
  if (explained.code !== "TOOL_OUTCOME_UNKNOWN") return explained;
  return failure("TOOL_UNAVAILABLE", "The tool's server does not answer.", explained);
}

/** Text of a server, short enough for a message. */
function cutText(text: string): string {
  return text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX)}…`;
}

function statusFailure(error: unknown, status: number): AppError {
  const details = { status };
  if (status >= 300 && status < 400)
    return new AppError(
      "TOOL_MISCONFIGURED",
      "The tool's server redirects to another address, which is not followed. Enter that address.",
      { cause: error, details },
    );
  // 503 and 429 mean that the request was not even begun; other failures may have come half-way.
  if (status === 429 || status === 503)
    return new AppError("TOOL_UNAVAILABLE", "The tool's server has too much to do.", {
      cause: error,
      details,
    });
  if (status >= 500 || status === REQUEST_TIMEOUT)
    return new AppError(
      "TOOL_OUTCOME_UNKNOWN",
      `The tool's server answers ${status}, so nobody knows whether it did what it was asked.`,
      { cause: error, details },
    );
  if (status === 404 || status === 405)
    return new AppError(
      "TOOL_MISCONFIGURED",
      `There is no MCP server at the tool's address: it answers ${status}.`,
      { cause: error, details },
    );
  return new AppError(
    "TOOL_REQUEST_REJECTED",
    `The tool's server refuses the request: it answers ${status}.`,
    { cause: error, details },
  );
}

function unreadable(cause: unknown): AppError {
  return failure(
    "TOOL_OUTCOME_UNKNOWN",
    "The tool's server answers with what makes no sense, so nobody knows whether it did what it was asked.",
    cause,
  );
}

function failure(code: ErrorCode, message: string, cause: unknown): AppError {
  return new AppError(code, message, { cause });
}
