import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
} from "@ai-sdk/provider";
import { z } from "zod";
import type { ModelCall } from "#domain/conversation.ts";
import { AppError } from "#domain/errors.ts";
import { estimateTokens } from "#domain/estimate-tokens.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import { toJsonValue } from "#platform/to-json-value.ts";

/** JSON already, so what a provider keeps for itself there needs no look. */
const ProviderMetadata = z.record(z.string(), z.record(z.string(), z.custom<JsonValue>()));

/** The parts of an answer that matter for going on: words, thoughts (signed), calls of tools. */
const AnswerPart = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("text"),
    text: z.string(),
    providerMetadata: ProviderMetadata.exactOptional(),
  }),
  z.object({
    type: z.literal("reasoning"),
    text: z.string(),
    providerMetadata: ProviderMetadata.exactOptional(),
  }),
  z.object({
    type: z.literal("tool-call"),
    toolCallId: z.string(),
    toolName: z.string(),
    input: z.string(),
    providerMetadata: ProviderMetadata.exactOptional(),
  }),
]);
const AnswerParts = z.array(AnswerPart);
/** A part of an answer. */
export type AnswerPart = z.infer<typeof AnswerPart>;
/** A call of a tool, with its arguments as a text. */
export type ToolCallPart = Extract<AnswerPart, { readonly type: "tool-call" }>;

/** A model's answer as a checkpoint stores it: plain JSON, without the vendor's raw bodies. */
export type ModelAnswer = {
  readonly parts: AnswerPart[];
  readonly call: ModelCall;
};

/** Which model answered, and how long it took. */
export type ModelCallTiming = { readonly model: string; readonly durationMs: number };

/**
 * What is kept of a fresh answer. Throws `MODEL_ANSWER_UNUSABLE` when it holds neither words nor a
 * call that may be made, and `MODEL_REQUEST_REJECTED` when the provider's filter withheld it:
 * nothing unusable may reach a checkpoint, where each later attempt would find it again.
 */
export function toModelAnswer(
  result: LanguageModelV4GenerateResult,
  options: LanguageModelV4CallOptions,
  timing: ModelCallTiming,
): ModelAnswer {
  const kept = result.content.filter((part) => KEPT_TYPES.has(part.type));
  const parsed = AnswerParts.safeParse(toJsonValue(kept));
  if (!parsed.success) {
    throw new AppError("MODEL_ANSWER_UNUSABLE", "The model's answer has an unknown shape");
  }
  const { unified } = result.finishReason;
  const parts = parsed.data.filter(
    (part) => part.type !== "tool-call" || mayCallTools(unified, options),
  );
  const callsTools = parts.some(({ type }) => type === "tool-call");
  if (!callsTools && !hasWords(parts)) throw emptyAnswer(unified);
  return { parts: withUniqueIds(parts), call: { ...timing, ...countTokens(result, options) } };
}

/** The words of an answer. */
export function textOf(parts: readonly AnswerPart[]): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}

/**
 * Some servers give parallel calls the same id or none, and each call must have its own result.
 */
function withUniqueIds(parts: ModelAnswer["parts"]): ModelAnswer["parts"] {
  const ids = new Set<string>();
  return parts.map((part, position) => {
    if (part.type !== "tool-call") return part;
    const { toolCallId: id } = part;
    let unique = id === "" ? `call_${position}` : id;
    while (ids.has(unique)) unique = `${unique}_${position}`;
    ids.add(unique);
    return unique === id ? part : { ...part, toolCallId: unique };
  });
}

const KEPT_TYPES: ReadonlySet<string> = new Set(["text", "reasoning", "tool-call"]);

/** A call that was cut off or that was not allowed is no call. */
function mayCallTools(
  finishReason: LanguageModelV4FinishReason["unified"],
  { toolChoice, tools }: LanguageModelV4CallOptions,
): boolean {
  if (toolChoice?.type === "none" || (tools ?? []).length === 0) return false;
  return finishReason !== "length" && finishReason !== "content-filter" && finishReason !== "error";
}

function hasWords(parts: readonly AnswerPart[]): boolean {
  return textOf(parts).trim() !== "";
}

function emptyAnswer(finishReason: LanguageModelV4FinishReason["unified"]): AppError {
  return finishReason === "content-filter"
    ? new AppError("MODEL_REQUEST_REJECTED", "The model provider's filter withheld the answer")
    : new AppError("MODEL_ANSWER_UNUSABLE", "The model answered without words", {
        details: { finishReason },
      });
}

/** The provider's numbers; where it gives none, or no number, an estimate, so that all is counted. */
function countTokens(
  { usage, content }: LanguageModelV4GenerateResult,
  { prompt }: LanguageModelV4CallOptions,
) {
  const { total: inputTokens, cacheRead } = usage.inputTokens;
  const { total: outputTokens } = usage.outputTokens;
  const isCached = isCount(cacheRead) && isCount(inputTokens);
  return {
    ...(isCached ? { cachedInputTokens: Math.min(cacheRead, inputTokens) } : {}),
    inputTokens: isCount(inputTokens)
      ? inputTokens
      : estimateTokens(JSON.stringify(prompt, withoutBytes)),
    outputTokens: isCount(outputTokens) ? outputTokens : estimateTokens(JSON.stringify(content)),
  };
}

/** A picture would be counted as a text of millions of numbers. */
function withoutBytes(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? "" : value;
}

/** Usage that a provider leaves out arrives as undefined, NaN or 0, depending on its adapter. */
function isCount(tokens: number | undefined): tokens is number {
  return tokens !== undefined && tokens > 0;
}
