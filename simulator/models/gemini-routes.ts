import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { World } from "../world.ts";
import { embedText } from "./embed-text.ts";
import { textsToAnswer, type CompleteAnswer, type ModelTurn } from "./model-request.ts";
import { runModel } from "./run-model.ts";
import { asText, textParts } from "./text-parts.ts";

/** Serves Google's Gemini API below `/gemini/v1beta`. */
export function registerGeminiRoutes(app: FastifyInstance, world: World): void {
  // One route: the model's name and the method share the last part of the path.
  app.post("/gemini/v1beta/models/*", (request, reply) => {
    const { "*": path } = z.object({ "*": z.string() }).parse(request.params);
    const [model = "", method] = path.split(":");
    if (method === "generateContent") return handleGenerate(world, { model, request, reply });
    if (method === "embedContent") return handleEmbed(world, { model, request, reply });
    if (method === "batchEmbedContents") return handleBatchEmbed(world, { model, request, reply });
    return reply.code(404).send(error(404, `${path} is not simulated.`));
  });
}

type Call = {
  readonly model: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
};

const error = (status: number, message: string) => ({
  error: { code: status, message, status: status === 429 ? "RESOURCE_EXHAUSTED" : "INTERNAL" },
});

const contentSchema = z.looseObject({
  role: z.string().optional(),
  parts: z.array(
    z.looseObject({
      text: z.string().optional(),
      functionCall: z.unknown().optional(),
      functionResponse: z.looseObject({ response: z.unknown().optional() }).optional(),
    }),
  ),
});

const generateSchema = z.looseObject({
  contents: z.array(contentSchema),
  systemInstruction: contentSchema.nullish(),
  tools: z
    .array(
      z.looseObject({
        functionDeclarations: z.array(z.looseObject({ name: z.string() })).optional(),
      }),
    )
    .nullish(),
});

function handleGenerate(world: World, { model, request, reply }: Call): Promise<unknown> {
  const body = generateSchema.parse(request.body);
  const turns = body.contents.map(toTurn);
  return runModel(
    world,
    {
      reply,
      request: {
        provider: "gemini",
        kind: "chat",
        model,
        system: textParts(body.systemInstruction?.parts).join("\n"),
        turns,
        texts: textsToAnswer(turns),
        tools: (body.tools ?? []).flatMap((tool) =>
          (tool.functionDeclarations ?? []).map(({ name }) => name),
        ),
        body: request.body,
      },
    },
    { error, answer: (answer) => wordAnswer(model, answer) },
  );
}

function toTurn(content: z.infer<typeof contentSchema>): ModelTurn {
  const results = content.parts.flatMap((part) => {
    const response = part.functionResponse?.response;
    if (response === undefined) return [];
    const wrapped = z.looseObject({ content: z.unknown().optional() }).safeParse(response);
    return [asText(wrapped.success ? (wrapped.data.content ?? response) : response)];
  });
  if (results.length > 0) return { role: "tool", texts: results };
  return { role: content.role === "model" ? "assistant" : "user", texts: textParts(content.parts) };
}

function wordAnswer(model: string, answer: CompleteAnswer): unknown {
  const text = answer.text === "" && answer.toolCalls.length > 0 ? [] : [{ text: answer.text }];
  const calls = answer.toolCalls.map((call) => ({
    functionCall: { name: call.name, args: call.input },
  }));
  return {
    candidates: [
      { index: 0, content: { role: "model", parts: [...text, ...calls] }, finishReason: "STOP" },
    ],
    usageMetadata: {
      promptTokenCount: answer.inputTokens,
      candidatesTokenCount: answer.outputTokens,
      totalTokenCount: answer.inputTokens + answer.outputTokens,
    },
    modelVersion: model,
  };
}

const embedSchema = z.looseObject({
  content: contentSchema,
  outputDimensionality: z.int().positive().optional(),
});

/** Dimensions of gemini-embedding-001 when nothing is asked for. */
const EMBEDDING_DIMENSIONS = 3072;

function embed(request: z.infer<typeof embedSchema>): { values: number[] } {
  const text = textParts(request.content.parts).join("\n");
  return { values: embedText(text, request.outputDimensionality ?? EMBEDDING_DIMENSIONS) };
}

function handleEmbed(world: World, call: Call): Promise<unknown> {
  const body = embedSchema.parse(call.request.body);
  return runEmbedding(world, call, { inputs: [body], answer: () => ({ embedding: embed(body) }) });
}

function handleBatchEmbed(world: World, call: Call): Promise<unknown> {
  const { requests } = z
    .looseObject({ requests: z.array(embedSchema).max(100) })
    .parse(call.request.body);
  return runEmbedding(world, call, {
    inputs: requests,
    answer: () => ({ embeddings: requests.map(embed) }),
  });
}

function runEmbedding(
  world: World,
  { model, request, reply }: Call,
  work: { readonly inputs: readonly z.infer<typeof embedSchema>[]; readonly answer: () => unknown },
): Promise<unknown> {
  const texts = work.inputs.flatMap(({ content }) => textParts(content.parts));
  return runModel(
    world,
    {
      reply,
      request: {
        provider: "gemini",
        kind: "embedding",
        model,
        system: "",
        turns: [],
        texts,
        tools: [],
        body: request.body,
      },
    },
    { error, answer: work.answer },
  );
}
