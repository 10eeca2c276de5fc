import { fastify, type FastifyInstance } from "fastify";
import { AppError, toAppError } from "#domain/errors.ts";
import type { Logger } from "#platform/logger.ts";

/** The web server that everything else registers its routes on. */
export type HttpServer = FastifyInstance;

const REQUEST_TIMEOUT_MS = 30_000;

/** Creates the server; nothing listens yet. Errors answer with their code and nothing else. */
export function createHttpServer(logger: Logger): HttpServer {
  const app = fastify({
    logger: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: true },
  });
  app.setErrorHandler((error: unknown, _request, reply) => {
    const status = clientErrorStatus(error);
    if (status !== null) return reply.code(status).send({ error: "BAD_REQUEST" });
    logger.error({ error }, "request failed");
    const { code, status: serverStatus } = toAppError(error);
    return reply.code(serverStatus).send({ error: code });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: "NOT_FOUND" }));
  return app;
}

/**
 * Listens on the address.
 * @returns the base URL, with the real port when `port` was 0.
 * @throws AppError SETTINGS_INVALID when the port is taken or not allowed.
 */
export async function listen(
  app: HttpServer,
  address: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    return await app.listen(address);
  } catch (cause) {
    throw new AppError(
      "SETTINGS_INVALID",
      `PORT: cannot listen on ${address.host}:${address.port}. Does something else run there?`,
      { cause },
    );
  }
}

/** The status of an error that the caller caused, such as a body over the limit; null for ours. */
function clientErrorStatus(error: unknown): number | null {
  if (error instanceof AppError) return error.status < 500 ? error.status : null;
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return null;
  const { statusCode } = error;
  return typeof statusCode === "number" && statusCode >= 400 && statusCode < 500
    ? statusCode
    : null;
}
