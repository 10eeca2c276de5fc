import type { ModelImage } from "./find-images.ts";

/** One turn of a conversation as it was sent to a model, the same for all providers. */
export type ModelTurn = {
  readonly role: "user" | "assistant" | "tool";
  /** Text parts, in order. For a tool: its result as text. */
  readonly texts: readonly string[];
};

/** A request that a fake model got. */
export type ModelRequest = {
  /** Position among all model requests, starting at 1. */
  readonly order: number;
  readonly provider: "openai" | "gemini" | "anthropic" | "cohere";
  readonly kind: "chat" | "embedding" | "transcription" | "reranking";
  readonly model: string;
  /** Instructions, system and developer messages. */
  readonly system: string;
  readonly turns: readonly ModelTurn[];
  /**
   * For a chat: the user's texts since the last answer of the model. For embeddings: the inputs.
   * For re-ranking: the passages.
   * For a transcription: what is said, or the file's name.
   */
  readonly texts: readonly string[];
  /** Names of the tools on offer. */
  readonly tools: readonly string[];
  /** Pictures anywhere in the request. */
  readonly images: readonly ModelImage[];
  readonly body: unknown;
  readonly atMs: number;
};

/** What a provider's route knows of a request; the rest is found by whoever records it. */
export type NewModelRequest = Omit<ModelRequest, "order" | "atMs" | "images">;

/** A tool that the model wants to be called. */
export type ModelToolCall = {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
};

/** What a fake model answers: a text, tool calls, or both. */
export type ModelAnswer =
  | string
  | { readonly text?: string; readonly toolCalls?: readonly ModelToolCall[] };

/** Decides what a model answers; `undefined` leaves it to the friendly echo. */
export type ModelScript = (
  request: ModelRequest,
) => ModelAnswer | undefined | Promise<ModelAnswer | undefined>;

/** An answer, ready to be put into a provider's words. */
export type CompleteAnswer = {
  readonly text: string;
  readonly toolCalls: readonly (ModelToolCall & { readonly id: string })[];
  readonly inputTokens: number;
  readonly outputTokens: number;
};

/** The texts after the last answer of the model: what it is asked to answer now. */
export function textsToAnswer(turns: readonly ModelTurn[]): readonly string[] {
  const lastAnswer = turns.findLastIndex(({ role }) => role === "assistant");
  return turns.slice(lastAnswer + 1).flatMap(({ role, texts }) => (role === "user" ? texts : []));
}

/** About four characters make a token; good enough for counting in tests. */
export function estimateTokens(text: string): number {
  return Math.max(1, Math.ceil(text.length / 4));
}
