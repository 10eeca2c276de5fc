import {
  AISDKError,
  APICallError,
  InvalidPromptError,
  LoadAPIKeyError,
  NoSuchModelError,
  UnsupportedFunctionalityError,
} from "@ai-sdk/provider";
import { AppError } from "#domain/errors.ts";
import type { ErrorCode } from "#domain/errors.ts";

/**
 * Any failure of a model call in our own words. The vendor's error is never kept as the cause: it
 * holds the prompt (`requestBodyValues`) and the answer, which must not reach logs or alerts; its
 * kind and HTTP status are kept as details. A failure that is no model's stays an `INTERNAL` one.
 */
export function toModelError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (APICallError.isInstance(error)) return fromApiCall(error);
  if (error instanceof Error && error.name === "TimeoutError") {
    return new AppError("MODEL_TIMEOUT", "The model gave no answer within the time limit");
  }
  if (error instanceof Error && error.name === "AbortError") {
    return new AppError("MODEL_UNAVAILABLE", "The call of the model was broken off");
  }
  if (AISDKError.isInstance(error)) return fromSdk(error);
  return new AppError("INTERNAL", "An unforeseen failure while calling the model", {
    cause: error,
  });
}

function fromApiCall(error: APICallError): AppError {
  const { statusCode } = error;
  const retryAfterMs = readRetryAfterMs(error.responseHeaders ?? {});
  const networkCode = findNetworkCode(error.cause);
  const code = codeOfApiCall(error);
  return new AppError(code, MESSAGES[code], {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    details: {
      ...(statusCode === undefined ? {} : { status: statusCode }),
      ...(networkCode === undefined ? {} : { networkCode }),
    },
  });
}

type ApiCallCode = keyof typeof MESSAGES;

const MESSAGES = {
  MODEL_KEY_INVALID: "The model provider refuses the API key",
  MODEL_RATE_LIMITED: "The model provider asks us to slow down, or the quota is used up",
  MODEL_UNAVAILABLE: "The model provider is down or cannot be reached",
  MODEL_TIMEOUT: "The model provider gave up waiting for its model",
  MODEL_REQUEST_REJECTED: "The model provider refuses the request",
  MODEL_ANSWER_UNUSABLE: "The model provider's answer cannot be read",
} as const satisfies Partial<Record<ErrorCode, string>>;

function codeOfApiCall(error: APICallError): ApiCallCode {
  const { statusCode, responseBody = "" } = error;
  if (statusCode === undefined) return "MODEL_UNAVAILABLE";
  // A connection that broke within the answer, or an answer that is not what the API promises.
  if (statusCode < 300) return error.isRetryable ? "MODEL_UNAVAILABLE" : "MODEL_ANSWER_UNUSABLE";
  if (statusCode === 401 || statusCode === 403) return "MODEL_KEY_INVALID";
  // Gemini answers a wrong key with 400 and this reason.
  if (statusCode === 400 && responseBody.includes("API_KEY_INVALID")) return "MODEL_KEY_INVALID";
  // 402: prepaid credit is used up (OpenRouter, DeepSeek), which somebody may fill up any time.
  if (statusCode === 429 || statusCode === 402) return "MODEL_RATE_LIMITED";
  if (statusCode === 408 || statusCode === 504) return "MODEL_TIMEOUT";
  return statusCode >= 500 || error.isRetryable ? "MODEL_UNAVAILABLE" : "MODEL_REQUEST_REJECTED";
}

function fromSdk(error: AISDKError): AppError {
  const details = { kind: error.name };
  if (LoadAPIKeyError.isInstance(error)) {
    return new AppError("MODEL_KEY_INVALID", "There is no API key for this model", { details });
  }
  if (NoSuchModelError.isInstance(error)) {
    return new AppError("MODEL_UNKNOWN", "The provider has no such model", { details });
  }
  if (UnsupportedFunctionalityError.isInstance(error) || InvalidPromptError.isInstance(error)) {
    return new AppError("MODEL_REQUEST_REJECTED", "The model cannot take this request", {
      details,
    });
  }
  return new AppError("MODEL_ANSWER_UNUSABLE", "The model's answer cannot be used", { details });
}

/** `retry-after-ms` (OpenAI) or `retry-after` in seconds; dates are not used by model providers. */
function readRetryAfterMs(headers: Readonly<Record<string, string>>): number | undefined {
  const milliseconds = Number(headers["retry-after-ms"] ?? Number.NaN);
  const seconds = Number(headers["retry-after"] ?? Number.NaN);
  const retryAfterMs = Number.isFinite(milliseconds) ? milliseconds : seconds * 1000;
  return Number.isFinite(retryAfterMs) && retryAfterMs >= 0 ? Math.ceil(retryAfterMs) : undefined;
}

/** `ECONNREFUSED` and the like, from however deep the SDK has put it. */
function findNetworkCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : findNetworkCode(error.cause);
}
