import type { EmbeddingModelV4, EmbeddingModelV4CallOptions } from "@ai-sdk/provider";
import { AppError } from "#domain/errors.ts";
import { estimateTokens } from "#domain/estimate-tokens.ts";
import { toModelError } from "#providers/language-models/model-error.ts";
import { EMBEDDING_DIMENSIONS } from "./embedding.ts";
import type { Embedding } from "./embedding.ts";

/**
 * Texts in one request: Gemini takes 100 and OpenAI 2,048, but their answers are 34 to 55 kB of JSON
 * for each text, and are read at once: 64 of them held the thread for 28 ms, in which no webhook was
 * answered. With 32 a manual of 700 pages is some 130 requests.
 */
const BATCH_TEXTS_MAX = 32;

/** OpenAI takes 300,000 tokens in a request; estimates may be off by a factor of two. */
const BATCH_TOKENS_MAX = 100_000;

/** What differs between passages and questions, and between providers. */
export type RemoteEmbeddingOptions = {
  /** Sent to models that can cut their vectors; others have 1536 dimensions, or are refused. */
  readonly dimensions?: number;
  readonly passageOptions?: NonNullable<EmbeddingModelV4CallOptions["providerOptions"]>;
  readonly questionOptions?: NonNullable<EmbeddingModelV4CallOptions["providerOptions"]>;
};

/** An embedding model behind an API: in batches, within a time limit each, never retried here. */
export function remoteEmbedding(
  name: string,
  model: EmbeddingModelV4,
  options: RemoteEmbeddingOptions & { readonly timeoutMs: number },
): Embedding {
  const call = async (
    values: readonly string[],
    signal: AbortSignal,
    providerOptions: RemoteEmbeddingOptions["passageOptions"],
  ) => {
    const { dimensions, timeoutMs } = options;
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const { embeddings, usage } = await model.doEmbed({
        values: [...values],
        abortSignal,
        ...(dimensions === undefined ? {} : { dimensions }),
        ...(providerOptions === undefined ? {} : { providerOptions }),
      });
      const vectors = readVectors(embeddings, values.length);
      return { vectors, tokens: readTokens(usage?.tokens, values) };
    } catch (error) {
      signal.throwIfAborted();
      throw toModelError(abortSignal.aborted ? abortSignal.reason : error);
    }
  };
  return {
    model: name,
    dimensions: EMBEDDING_DIMENSIONS,
    batchSize: BATCH_TEXTS_MAX,
    embedPassages: async (texts, signal) => {
      const vectors: (readonly number[])[] = [];
      let tokens = 0;
      for (const batch of toBatches(texts)) {
        const embedded = await call(batch, signal, options.passageOptions);
        vectors.push(...embedded.vectors);
        tokens += embedded.tokens;
      }
      return { vectors, tokens };
    },
    embedQuestion: async (text, signal) => {
      const { vectors, tokens } = await call([text], signal, options.questionOptions);
      return { vector: vectors[0] ?? [], tokens };
    },
  };
}

function toBatches(texts: readonly string[]): string[][] {
  const batches: string[][] = [];
  let tokens = 0;
  for (const text of texts) {
    const cost = estimateTokens(text);
    const last = batches.at(-1);
    if (last !== undefined && last.length < BATCH_TEXTS_MAX && tokens + cost <= BATCH_TOKENS_MAX) {
      last.push(text);
      tokens += cost;
    } else {
      batches.push([text]);
      tokens = cost;
    }
  }
  return batches;
}

/** As many vectors as texts, of the right size and length 1: what the database compares. */
function readVectors(
  embeddings: readonly (readonly number[])[],
  count: number,
): (readonly number[])[] {
  if (embeddings.length !== count) {
    throw new AppError("MODEL_ANSWER_UNUSABLE", "The model embedded another number of texts", {
      details: { asked: count, answered: embeddings.length },
    });
  }
  return embeddings.map((embedding) => {
    if (embedding.length !== EMBEDDING_DIMENSIONS) throw wrongDimensions(embedding.length);
    const length = Math.hypot(...embedding);
    if (!Number.isFinite(length) || length === 0) {
      throw new AppError("MODEL_ANSWER_UNUSABLE", "The model's embedding is no direction");
    }
    return embedding.map((value) => value / length);
  });
}

function wrongDimensions(dimensions: number): AppError {
  return new AppError(
    "MODEL_REQUEST_REJECTED",
    `This embedding model gives ${dimensions} dimensions, and Parley needs ${EMBEDDING_DIMENSIONS}. Choose a model, or a setting of its server, with ${EMBEDDING_DIMENSIONS}.`,
    { details: { dimensions } },
  );
}

/** Gemini reports nothing, which the SDK passes on as NaN or leaves out. */
function readTokens(reported: number | undefined, texts: readonly string[]): number {
  if (reported !== undefined && Number.isFinite(reported)) return reported;
  return texts.reduce((sum, text) => sum + estimateTokens(text), 0);
}
