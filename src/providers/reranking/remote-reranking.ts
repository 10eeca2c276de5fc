import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { ModelFetch } from "#providers/language-models/model-fetch.ts";
import { postToModel } from "#providers/language-models/post-to-model.ts";
import type { Ranking, Reranking } from "./reranking.ts";

/** A re-ranking model and its server. */
export type RerankingServer = {
  readonly name: string;
  readonly modelId: string;
  readonly apiKey: string | undefined;
  /** The model is asked at `<baseUrl>/rerank`. */
  readonly baseUrl: string;
};

/**
 * The `/rerank` of Cohere, which Jina, vLLM, LiteLLM and others speak too. No client library: Cohere's
 * AI SDK package covers that one server, and leaves out what a call has cost.
 */
export function remoteReranking(
  server: RerankingServer,
  options: { readonly fetch: ModelFetch; readonly timeoutMs: number },
): Reranking {
  const url = `${server.baseUrl.replace(/\/+$/, "")}/rerank`;
  return {
    model: server.name,
    rank: async (question, passages, signal) => {
      const body = JSON.stringify({ model: server.modelId, query: question, documents: passages });
      const { apiKey } = server;
      const text = await postToModel(options, {
        url,
        body,
        contentType: "application/json",
        apiKey,
        signal,
      });
      return readAnswer(text, passages.length);
    },
  };
}

const Answer = z.looseObject({
  results: z.array(z.looseObject({ index: z.int().min(0), relevance_score: z.number() })),
  /** Jina and vLLM; Cohere counts searches. */
  usage: z.looseObject({ total_tokens: z.int().min(0).optional() }).nullish(),
});

function readAnswer(text: string, passages: number): Ranking {
  const answer = Answer.safeParse(parseJson(text)).data;
  if (answer === undefined || answer.results.some(({ index }) => index >= passages))
    throw new AppError("MODEL_ANSWER_UNUSABLE", "The re-ranking model's answer cannot be read");
  const scores = new Map(
    answer.results.map(({ index, relevance_score: relevance }) => [index, relevance]),
  );
  const ranked = [...scores]
    .map(([index, relevance]) => ({ index, relevance }))
    .toSorted((first, second) => second.relevance - first.relevance || first.index - second.index);
  return { ranked, tokens: answer.usage?.total_tokens ?? 0 };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
