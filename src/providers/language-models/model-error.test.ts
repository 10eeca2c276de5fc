import {
  APICallError,
  JSONParseError,
  LoadAPIKeyError,
  NoSuchModelError,
  UnsupportedFunctionalityError,
} from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import { toModelError } from "./model-error.ts";

function apiCallError(statusCode: number | undefined, headers: Record<string, string> = {}) {
  return new APICallError({
    message: "A secret question was refused",
    url: "https://models.test",
    requestBodyValues: { prompt: "A secret question" },
    responseHeaders: headers,
    responseBody: "A secret answer",
    ...(statusCode === undefined ? { isRetryable: true } : { statusCode }),
  });
}

test("our own errors pass unchanged", () => {
  const error = new AppError("TURN_OWNERSHIP_LOST", "taken over");
  expect(toModelError(error)).toBe(error);
});

test.each(["soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT"])(
  "a retry-after of %j is no number and is left out",
  (value) => {
    const error = toModelError(apiCallError(429, { "retry-after": value }));
    expect(error.retryAfterMs).toBeUndefined();
  },
);

test.each([
  [new LoadAPIKeyError({ message: "secret" }), "MODEL_KEY_INVALID"],
  [new NoSuchModelError({ modelId: "secret", modelType: "languageModel" }), "MODEL_UNKNOWN"],
  [new UnsupportedFunctionalityError({ functionality: "secret" }), "MODEL_REQUEST_REJECTED"],
  [new JSONParseError({ text: "secret", cause: new Error("secret") }), "MODEL_ANSWER_UNUSABLE"],
  [new DOMException("secret", "TimeoutError"), "MODEL_TIMEOUT"],
  [new DOMException("secret", "AbortError"), "MODEL_UNAVAILABLE"],
  [apiCallError(undefined), "MODEL_UNAVAILABLE"],
  [apiCallError(400), "MODEL_REQUEST_REJECTED"],
  [apiCallError(504), "MODEL_TIMEOUT"],
])("what the model or we said stays out of the error: %#", (thrown, code) => {
  const error = toModelError(thrown);
  expect(error.code).toBe(code);
  expect(error.cause).toBeUndefined();
  expect(`${error.message} ${JSON.stringify(error)}`).not.toContain("secret");
});

test("a failure that is not the model's stays an unforeseen one, with its cause", () => {
  const cause = new TypeError("x is not a function");
  expect(toModelError(cause)).toMatchObject({ code: "INTERNAL", cause });
});
