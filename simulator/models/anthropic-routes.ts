import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { World } from "../world.ts";
import { textsToAnswer, type CompleteAnswer, type ModelTurn } from "./model-request.ts";
import { runModel } from "./run-model.ts";
import { asText, textParts } from "./text-parts.ts";

/** Serves Anthropic's Messages API below `/anthropic/v1`. */
export function registerAnthropicRoutes(app: FastifyInstance, world: World): void {
  app.post("/anthropic/v1/messages", (request, reply) => handleMessages(world, request, reply));
}

const error = (status: number, message: string) => ({
  type: "error",
  error: { type: status === 429 ? "rate_limit_error" : "api_error", message },
});

const messageSchema = z.looseObject({
  role: z.enum(["user", "assistant"]),
  content: z.unknown().optional(),
});
const toolResult = z.looseObject({
  type: z.literal("tool_result"),
  content: z.unknown().optional(),
});

const messagesSchema = z.looseObject({
  model: z.string(),
  max_tokens: z.int().positive(),
  system: z.unknown().optional(),
  messages: z.array(messageSchema),
  tools: z.array(z.looseObject({ name: z.string() })).nullish(),
  stream: z.literal(false).nullish(),
});

function handleMessages(
  world: World,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const body = messagesSchema.parse(request.body);
  const turns = body.messages.flatMap(toTurns);
  return runModel(
    world,
    {
      reply,
      request: {
        provider: "anthropic",
        kind: "chat",
        model: body.model,
        system: textParts(body.system).join("\n"),
        turns,
        texts: textsToAnswer(turns),
        tools: (body.tools ?? []).map(({ name }) => name),
        body: request.body,
      },
    },
    { error, answer: (answer) => wordAnswer(world, body.model, answer) },
  );
}

function toTurns(message: z.infer<typeof messageSchema>): ModelTurn[] {
  const parts: readonly unknown[] = Array.isArray(message.content) ? message.content : [];
  const results = parts.flatMap((part) => {
    const parsed = toolResult.safeParse(part);
    if (!parsed.success) return [];
    const texts = textParts(parsed.data.content);
    return texts.length > 0 ? texts : [asText(parsed.data.content)];
  });
  const texts = textParts(message.content);
  return [
    ...(texts.length > 0 || results.length === 0 ? [{ role: message.role, texts }] : []),
    ...(results.length > 0 ? [{ role: "tool" as const, texts: results }] : []),
  ];
}

function wordAnswer(world: World, model: string, answer: CompleteAnswer): unknown {
  const text = answer.text === "" ? [] : [{ type: "text", text: answer.text }];
  const calls = answer.toolCalls.map(({ id, name, input }) => ({
    type: "tool_use",
    id,
    name,
    input,
  }));
  return {
    id: `msg_${world.now()}_${world.models.requests().length}`,
    type: "message",
    role: "assistant",
    model,
    content: [...text, ...calls],
    stop_reason: calls.length > 0 ? "tool_use" : "end_turn",
    stop_sequence: null,
    usage: { input_tokens: answer.inputTokens, output_tokens: answer.outputTokens },
  };
}
