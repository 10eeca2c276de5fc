import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { World } from "../world.ts";
import { embedText } from "./embed-text.ts";
import { estimateTokens } from "./model-request.ts";
import { runModel } from "./run-model.ts";

/** Serves Cohere's re-ranking below `/cohere/v2`. */
export function registerRerankRoutes(app: FastifyInstance, world: World): void {
  app.post("/cohere/v2/rerank", (request, reply) => handleRerank(world, request, reply));
}

const bodySchema = z.looseObject({
  model: z.string(),
  query: z.string(),
  documents: z.array(z.string()).min(1).max(1_000),
  top_n: z.int().positive().optional(),
});

const DIMENSIONS = 1536;

function handleRerank(
  world: World,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { model, query, documents, top_n: count } = bodySchema.parse(request.body);
  const asked = embedText(query, DIMENSIONS);
  // The words that they have in common, for no meaning.
  const results = documents
    .map((document, index) => ({
      index,
      relevance_score: dot(asked, embedText(document, DIMENSIONS)),
    }))
    .toSorted((first, second) => second.relevance_score - first.relevance_score)
    .slice(0, count);
  const tokens = [query, ...documents].reduce((sum, text) => sum + estimateTokens(text), 0);
  return runModel(
    world,
    {
      reply,
      request: {
        provider: "cohere",
        kind: "reranking",
        model,
        system: "",
        turns: [],
        texts: documents,
        tools: [],
        body: request.body,
      },
    },
    {
      error: (_status, message) => ({ message }),
      answer: () => ({
        id: `rerank-${world.models.requests().length}`,
        results,
        meta: { billed_units: { search_units: 1 } },
        usage: { total_tokens: tokens },
      }),
    },
  );
}

function dot(first: readonly number[], second: readonly number[]): number {
  return first.reduce((sum, value, index) => sum + value * (second[index] ?? 0), 0);
}
