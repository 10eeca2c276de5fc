import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { isDatabaseAway } from "#store/database.ts";
import { type AcceptWebhookDeps, acceptWebhook } from "./accept-webhook.ts";
import { type AuthenticateDeps, authenticateWebhook } from "./authenticate-webhook.ts";
import { parseWebhook } from "./parse-webhook.ts";

/** Meta sends up to 3 MB; we take a little more (facts: webhooks/overview). */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;

export type WebhookDeps = AcceptWebhookDeps &
  AuthenticateDeps & { readonly verifyToken: string | undefined };

/**
 * Meta's two calls. GET proves to Meta that the address is ours. POST answers 200 only after
 * everything in it is stored; 401 for a wrong signature, 400 for what is not JSON, 503 when the
 * database is away, so that Meta delivers again.
 */
export async function registerWebhook(app: FastifyInstance, deps: WebhookDeps): Promise<void> {
  // The signature covers the bytes as sent, so nothing may parse them before it is checked.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  app.get("/webhook", (request, reply) => answerHandshake(deps.verifyToken, request.query, reply));
  app.post("/webhook", { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    const startedMs = deps.clock.monotonicMs();
    const answer = await receive(deps, {
      rawBody: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
      signature: request.headers["x-hub-signature-256"],
    });
    deps.metrics.webhookAnswered({
      result: answer.result,
      durationMs: deps.clock.monotonicMs() - startedMs,
    });
    return reply.code(answer.status).send(answer.body);
  });
}

const Handshake = z.object({
  "hub.mode": z.literal("subscribe"),
  "hub.verify_token": z.string(),
  "hub.challenge": z.string(),
});

function answerHandshake(verifyToken: string | undefined, query: unknown, reply: FastifyReply) {
  const handshake = Handshake.safeParse(query);
  const isOurs =
    handshake.success &&
    verifyToken !== undefined &&
    isSame(handshake.data["hub.verify_token"], verifyToken);
  if (!isOurs) return reply.code(403).send({ error: "FORBIDDEN" });
  return reply.type("text/plain").send(handshake.data["hub.challenge"]);
}

/** Compares in a time that tells nothing about where the two differ. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

type Answer = {
  readonly result: "accepted" | "refused" | "unavailable";
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
};

async function receive(
  deps: WebhookDeps,
  delivery: { readonly rawBody: Uint8Array; readonly signature: unknown },
): Promise<Answer> {
  try {
    const { proof, body } = await authenticateWebhook(deps, delivery);
    await acceptWebhook(deps, { changes: parseWebhook(body, deps.clock.now()), proof });
    return { result: "accepted", status: 200, body: { status: "accepted" } };
  } catch (error) {
    if (isDatabaseAway(error)) {
      deps.logger.warn({}, "webhook refused, the database is away");
      return refuse(new AppError("DATABASE_UNAVAILABLE", "The database is away"));
    }
    if (error instanceof AppError && error.status < 500) return refuse(error);
    deps.logger.error({ error }, "webhook failed");
    return refuse(new AppError("DATABASE_UNAVAILABLE", "The webhook could not be stored"));
  }
}

function refuse(error: AppError): Answer {
  return {
    result: error.status < 500 ? "refused" : "unavailable",
    status: error.status,
    body: { error: error.code },
  };
}
