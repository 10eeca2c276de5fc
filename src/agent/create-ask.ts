import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import type { ConversationContext, ModelCall } from "#domain/conversation.ts";
import { AppError } from "#domain/errors.ts";
import type { Logger } from "#platform/logger.ts";
import { callModel, type CallModelDeps, deservesFallback } from "./call-model.ts";
import { hideImages } from "./hide-images.ts";
import type { ModelAnswer } from "./model-answer.ts";
import { imageBytesMax } from "./sees-images.ts";

/** Asks once. `previous` is the call of the same run before it. */
export type Ask = (
  options: LanguageModelV4CallOptions,
  previous: ModelCall | undefined,
) => Promise<ModelAnswer>;

/**
 * Asks the chatbot's model and, when that fails in a way that another model may not, its fallback,
 * which then also makes the rest of the run's calls.
 */
export function createAsk(
  deps: CallModelDeps & { readonly logger: Logger },
  context: ConversationContext,
): Ask {
  const { organizationId, chatbotId, conversationId, chatbot } = context;
  const { model, fallbackModel, media } = chatbot;
  const call = (name: string, options: LanguageModelV4CallOptions) =>
    callModel(deps, name, hideImages(options, imageBytesMax(name, media.images)));

  return async (options, previous) => {
    if (fallbackModel === null) return call(model, options);
    if (previous?.model === fallbackModel) return call(fallbackModel, options);
    try {
      return await call(model, options);
    } catch (error) {
      if (!(error instanceof AppError) || !deservesFallback(error)) throw error;
      const fields = { organizationId, chatbotId, conversationId, model, fallbackModel };
      deps.logger.warn({ ...fields, code: error.code }, "model fell back");
      return call(fallbackModel, options).catch((second: unknown) => {
        options.abortSignal?.throwIfAborted();
        deps.logger.warn({ ...fields, error: second }, "fallback model failed");
        // The failure that may pass by itself is the one to retry the turn for.
        throw error.retryable ? error : second;
      });
    }
  };
}
