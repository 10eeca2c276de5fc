import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { toAppError } from "#domain/errors.ts";
import type { AppError, ErrorCode } from "#domain/errors.ts";
import type { Clock } from "#platform/clock.ts";
import type { LanguageModels } from "#providers/language-models/language-models.ts";
import { toModelAnswer } from "./model-answer.ts";
import type { ModelAnswer } from "./model-answer.ts";

/** Where the models come from; their failures are `AppError`s already. */
export type CallModelDeps = {
  readonly models: Pick<LanguageModels, "get">;
  readonly clock: Clock;
};

/**
 * Failures that often pass within a second. A time limit is not among them: the person has waited
 * long enough, and the mailbox or the fallback model takes over.
 */
const RETRIED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "MODEL_UNAVAILABLE",
  "MODEL_RATE_LIMITED",
  "MODEL_ANSWER_UNUSABLE",
]);

const ATTEMPTS_MAX = 3;
const FIRST_PAUSE_MS = 500;
/** A longer wait that a provider asks for is left to the mailbox, which holds no worker for it. */
const PAUSE_MAX_MS = 5_000;
/** No further attempt begins later than this after the first, however slowly the model fails. */
const RETRY_WINDOW_MS = 20_000;

/**
 * One answer of one model, tried up to three times with growing pauses, or those that the provider
 * asks for. Throws the last failure as `AppError`; when the signal aborts, its reason.
 */
export async function callModel(
  deps: CallModelDeps,
  name: string,
  options: LanguageModelV4CallOptions,
): Promise<ModelAnswer> {
  const startedAtMs = deps.clock.monotonicMs();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryOnce(deps, name, options);
    } catch (error) {
      options.abortSignal?.throwIfAborted();
      const failure = toAppError(error);
      const pauseMs = failure.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
      const nextAfterMs = deps.clock.monotonicMs() - startedAtMs + pauseMs;
      const isLast =
        attempt === ATTEMPTS_MAX || pauseMs > PAUSE_MAX_MS || nextAfterMs > RETRY_WINDOW_MS;
      if (isLast || !RETRIED.has(failure.code)) throw failure;
      await pause(deps.clock, pauseMs, options.abortSignal);
    }
  }
}

/** Sleeps; when the signal aborts, throws its reason and not the clock's own words for it. */
async function pause(clock: Clock, durationMs: number, signal: AbortSignal | undefined) {
  try {
    await clock.sleep(durationMs, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

async function tryOnce(
  { models, clock }: CallModelDeps,
  name: string,
  options: LanguageModelV4CallOptions,
) {
  const startedAtMs = clock.monotonicMs();
  const result = await models.get(name).doGenerate(options);
  const durationMs = Math.round(clock.monotonicMs() - startedAtMs);
  return toModelAnswer(result, options, { model: name, durationMs });
}

/**
 * Whether another model should be asked: what may pass by itself, a key that is refused, a model
 * that does not exist here or (404) does not exist any more at the provider. A request that was
 * refused for its content would be refused again.
 */
export function deservesFallback({ code, retryable, details }: AppError): boolean {
  if (!code.startsWith("MODEL_")) return false;
  if (code === "MODEL_REQUEST_REJECTED") return details["status"] === 404;
  return retryable || code === "MODEL_KEY_INVALID" || code === "MODEL_UNKNOWN";
}
