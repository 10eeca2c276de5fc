import { APICallError } from "@ai-sdk/provider";
import { AppError } from "#domain/errors.ts";
import { toModelError } from "./model-error.ts";
import type { ModelFetch } from "./model-fetch.ts";

/** A request to a model whose endpoint no client library of ours covers. */
export type ModelPost = {
  readonly url: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  readonly apiKey: string | undefined;
  /** The caller's: when it aborts, its reason is thrown. */
  readonly signal: AbortSignal;
};

/**
 * Posts it and returns the answer's text. Failures are those of a language model (`toModelError`): MODEL_
 * codes by status and reason, without anything of what was sent.
 */
export async function postToModel(
  options: { readonly fetch: ModelFetch; readonly timeoutMs: number },
  call: ModelPost,
): Promise<string> {
  const limit = AbortSignal.any([call.signal, AbortSignal.timeout(options.timeoutMs)]);
  try {
    return await post(options.fetch, { ...call, signal: limit });
  } catch (error) {
    call.signal.throwIfAborted();
    throw toModelError(limit.aborted ? limit.reason : error);
  }
}

async function post(fetch: ModelFetch, call: ModelPost): Promise<string> {
  const response = await fetch(call.url, {
    method: "POST",
    headers: {
      "content-type": call.contentType,
      ...(call.apiKey === undefined ? {} : { authorization: `Bearer ${call.apiKey}` }),
    },
    body: call.body,
    signal: call.signal,
  }).catch((cause: unknown) => {
    if (call.signal.aborted || cause instanceof AppError) throw cause;
    throw failure(call.url, { cause });
  });
  const text = await response.text();
  if (response.ok) return text;
  throw failure(call.url, {
    statusCode: response.status,
    responseHeaders: Object.fromEntries(response.headers),
  });
}

/** In the words that `toModelError` understands. */
function failure(url: string, told: Partial<ConstructorParameters<typeof APICallError>[0]>) {
  return new APICallError({ message: "the model failed", url, requestBodyValues: {}, ...told });
}
