import type { LanguageModelV4, LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { AppError } from "#domain/errors.ts";
import { toModelError } from "./model-error.ts";

/**
 * The same model, with what every call of ours needs: an end within `timeoutMs`, failures as
 * `AppError`, and nothing kept at the vendor. When the caller's own signal ends the call, its
 * reason is thrown unchanged. Streams are left out on purpose: WhatsApp shows whole messages.
 */
export function limitModel(model: LanguageModelV4, timeoutMs: number): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    doGenerate: (options) => generateWithin(model, options, timeoutMs),
    doStream: () => Promise.reject(new AppError("INTERNAL", "Models are not streamed")),
  };
}

async function generateWithin(
  model: LanguageModelV4,
  options: LanguageModelV4CallOptions,
  timeoutMs: number,
) {
  options.abortSignal?.throwIfAborted();
  const controller = new AbortController();
  const forward = () => controller.abort(options.abortSignal?.reason);
  options.abortSignal?.addEventListener("abort", forward, { once: true });
  const timer = setTimeout(() => controller.abort(timeLimitReached()), timeoutMs);
  try {
    return await model.doGenerate({
      ...options,
      abortSignal: controller.signal,
      providerOptions: { ...options.providerOptions, ...KEEP_NOTHING },
    });
  } catch (error) {
    options.abortSignal?.throwIfAborted();
    throw toModelError(controller.signal.aborted ? controller.signal.reason : error);
  } finally {
    clearTimeout(timer);
    options.abortSignal?.removeEventListener("abort", forward);
  }
}

/**
 * OpenAI keeps answers by default and later expects references to them; without, the whole
 * conversation travels with each call, so that a turn can resume anywhere. Others ignore it.
 */
const KEEP_NOTHING = { openai: { store: false } };

function timeLimitReached(): DOMException {
  return new DOMException("The time limit is reached", "TimeoutError");
}
