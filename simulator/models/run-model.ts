import type { FastifyReply } from "fastify";
import type { World } from "../world.ts";
import type { CompleteAnswer, NewModelRequest } from "./model-request.ts";

/** How one provider words its answers. */
export type Wording = {
  readonly answer: (answer: CompleteAnswer) => unknown;
  readonly error: (status: number, message: string) => unknown;
};

/** How long a hanging model says nothing before the connection is cut. */
const HANG_MS = 15 * 60 * 1000;

/** What a rate-limited caller is told to wait, in seconds. */
const RETRY_AFTER_SECONDS = 1;

/** Records the request, lets it suffer the fault switches, and answers in the provider's words. */
export async function runModel(
  world: World,
  call: { readonly request: NewModelRequest; readonly reply: FastifyReply },
  wording: Wording,
): Promise<unknown> {
  const { reply } = call;
  const request = world.models.record(call.request);
  const fault = world.faults.takeModelFault();
  const { delayMs } = world.faults.current().models;
  if (delayMs > 0) await world.pauses.wait(delayMs);
  switch (fault) {
    case undefined:
      return wording.answer(await world.models.answer(request));
    case "empty":
      return wording.answer({ text: "", toolCalls: [], inputTokens: 1, outputTokens: 0 });
    case "garbage":
      return reply.type("application/json").send('{"this is": not JSON');
    case "rate-limit":
      return reply
        .code(429)
        .header("retry-after", String(RETRY_AFTER_SECONDS))
        .send(wording.error(429, "Rate limit reached."));
    case "invalid-key":
      return reply.code(401).send(wording.error(401, "Incorrect API key provided."));
    case "server-error":
      return reply.code(500).send(wording.error(500, "The server had an error."));
    case "drop":
      reply.hijack();
      reply.raw.destroy();
      return reply;
    case "hang":
      // The caller's own time limit has to end it.
      reply.hijack();
      void world.pauses.wait(HANG_MS).then(() => reply.raw.destroy());
      return reply;
  }
}
