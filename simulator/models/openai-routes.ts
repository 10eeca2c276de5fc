import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { wordsOf } from "../customers/voice-note.ts";
import { parseMultipart } from "../graph/parse-multipart.ts";
import type { World } from "../world.ts";
import { embedText } from "./embed-text.ts";
import {
  estimateTokens,
  textsToAnswer,
  type CompleteAnswer,
  type ModelTurn,
} from "./model-request.ts";
import { runModel } from "./run-model.ts";
import { asText, textParts } from "./text-parts.ts";

/** Serves OpenAI's API (and what calls itself compatible) below `/openai/v1`. */
export function registerOpenaiRoutes(app: FastifyInstance, world: World): void {
  app.post("/openai/v1/responses", (request, reply) => handleResponses(world, request, reply));
  app.post("/openai/v1/chat/completions", (request, reply) => handleChat(world, request, reply));
  app.post("/openai/v1/embeddings", (request, reply) => handleEmbeddings(world, request, reply));
  app.post("/openai/v1/audio/transcriptions", (request, reply) =>
    handleTranscription(world, request, reply),
  );
}

const error = (status: number, message: string) => ({
  error: {
    message,
    type: status === 429 ? "rate_limit_exceeded" : "server_error",
    param: null,
    code: null,
  },
});

const responsesSchema = z.looseObject({
  model: z.string(),
  instructions: z.string().nullish(),
  input: z.union([
    z.string(),
    z.array(z.looseObject({ role: z.string().optional(), type: z.string().optional() })),
  ]),
  tools: z.array(z.looseObject({ name: z.string().optional() })).nullish(),
  stream: z.literal(false).nullish(),
});

function handleResponses(
  world: World,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const body = responsesSchema.parse(request.body);
  const items =
    typeof body.input === "string" ? [{ role: "user", content: body.input }] : body.input;
  const turns = items.flatMap(toTurn);
  const system = items.flatMap((item) => (isSystem(item.role) ? textParts(item["content"]) : []));
  return runModel(
    world,
    {
      reply,
      request: {
        provider: "openai",
        kind: "chat",
        model: body.model,
        system: [body.instructions ?? "", ...system].filter(Boolean).join("\n"),
        turns,
        texts: textsToAnswer(turns),
        tools: (body.tools ?? []).flatMap(({ name }) => (name === undefined ? [] : [name])),
        body: request.body,
      },
    },
    { error, answer: (answer) => wordResponse(world, body.model, answer) },
  );
}

function toTurn(item: {
  role?: string | undefined;
  type?: string | undefined;
  [key: string]: unknown;
}): ModelTurn[] {
  if (item.type === "function_call_output")
    return [{ role: "tool", texts: [asText(item["output"])] }];
  if (item.type === "function_call") return [{ role: "assistant", texts: [] }];
  if (item.role === "user" || item.role === "assistant") {
    return [{ role: item.role, texts: textParts(item["content"]) }];
  }
  if (item.role === "tool") return [{ role: "tool", texts: textParts(item["content"]) }];
  return [];
}

function isSystem(role: string | undefined): boolean {
  return role === "system" || role === "developer";
}

function wordResponse(world: World, model: string, answer: CompleteAnswer): unknown {
  const id = `${world.now()}_${world.models.requests().length}`;
  const calls = answer.toolCalls.map((call) => ({
    type: "function_call",
    id: `fc_${call.id}`,
    call_id: call.id,
    name: call.name,
    arguments: JSON.stringify(call.input),
    status: "completed",
  }));
  const message = {
    type: "message",
    id: `msg_${id}`,
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text: answer.text, annotations: [] }],
  };
  return {
    id: `resp_${id}`,
    object: "response",
    created_at: Math.floor(world.now() / 1000),
    status: "completed",
    model,
    output: answer.text === "" && calls.length > 0 ? calls : [message, ...calls],
    usage: {
      input_tokens: answer.inputTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: answer.outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: answer.inputTokens + answer.outputTokens,
    },
  };
}

const chatSchema = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string() })),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).nullish(),
  stream: z.literal(false).nullish(),
});

function handleChat(world: World, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const body = chatSchema.parse(request.body);
  const turns = body.messages.flatMap(toTurn);
  const system = body.messages.flatMap((item) =>
    isSystem(item.role) ? textParts(item["content"]) : [],
  );
  return runModel(
    world,
    {
      reply,
      request: {
        provider: "openai",
        kind: "chat",
        model: body.model,
        system: system.join("\n"),
        turns,
        texts: textsToAnswer(turns),
        tools: (body.tools ?? []).map((tool) => tool.function.name),
        body: request.body,
      },
    },
    { error, answer: (answer) => wordChat(world, body.model, answer) },
  );
}

function wordChat(world: World, model: string, answer: CompleteAnswer): unknown {
  const calls = answer.toolCalls.map((call) => ({
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: JSON.stringify(call.input) },
  }));
  return {
    id: `chatcmpl-${world.now()}-${world.models.requests().length}`,
    object: "chat.completion",
    created: Math.floor(world.now() / 1000),
    model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: answer.text === "" && calls.length > 0 ? null : answer.text,
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        finish_reason: calls.length === 0 ? "stop" : "tool_calls",
      },
    ],
    usage: {
      prompt_tokens: answer.inputTokens,
      completion_tokens: answer.outputTokens,
      total_tokens: answer.inputTokens + answer.outputTokens,
    },
  };
}

const embeddingsSchema = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string()).max(2048)]),
  dimensions: z.int().positive().optional(),
  encoding_format: z.enum(["float", "base64"]).default("float"),
});

/** Dimensions of text-embedding-ada-002 and of text-embedding-3-small when nothing is asked for. */
const EMBEDDING_DIMENSIONS = 1536;

function handleEmbeddings(
  world: World,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const body = embeddingsSchema.parse(request.body);
  const inputs = typeof body.input === "string" ? [body.input] : body.input;
  const tokens = inputs.reduce((sum, input) => sum + estimateTokens(input), 0);
  const word = (vector: number[]) =>
    body.encoding_format === "float"
      ? vector
      : Buffer.from(new Float32Array(vector).buffer).toString("base64");
  return runModel(
    world,
    {
      reply,
      request: {
        provider: "openai",
        kind: "embedding",
        model: body.model,
        system: "",
        turns: [],
        texts: inputs,
        tools: [],
        body: request.body,
      },
    },
    {
      error,
      answer: () => ({
        object: "list",
        model: body.model,
        data: inputs.map((input, index) => ({
          object: "embedding",
          index,
          embedding: word(embedText(input, body.dimensions ?? EMBEDDING_DIMENSIONS)),
        })),
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      }),
    },
  );
}

/** What every recording is said to have cost, so that a test can count. */
const TRANSCRIBED_SECONDS = 3;
const TRANSCRIBED_TOKENS = 30;

async function handleTranscription(
  world: World,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const upload = await parseMultipart(request.body, request.headers["content-type"]);
  if (upload?.file === undefined) return reply.code(400).send(error(400, "file is required"));
  const { bytes, ...file } = upload.file;
  const says = wordsOf(bytes);
  const body = { fields: upload.fields, file: { ...file, sizeBytes: bytes.byteLength, says } };
  const model = upload.fields["model"] ?? "";
  return runModel(
    world,
    {
      reply,
      request: {
        provider: "openai",
        kind: "transcription",
        model,
        system: "",
        turns: [],
        texts: says === undefined ? [file.filename] : [says],
        tools: [],
        body,
      },
    },
    {
      error,
      answer: ({ text, outputTokens }) => ({
        text,
        usage: model.startsWith("whisper")
          ? { type: "duration", seconds: TRANSCRIBED_SECONDS }
          : {
              type: "tokens",
              input_tokens: TRANSCRIBED_TOKENS,
              output_tokens: outputTokens,
              total_tokens: TRANSCRIBED_TOKENS + outputTokens,
            },
      }),
    },
  );
}
