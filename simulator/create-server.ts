import fastify, { type FastifyInstance } from "fastify";
import { z } from "zod";
import { registerControlRoutes } from "./control/control-routes.ts";
import { registerPhoneRoutes } from "./control/phone-routes.ts";
import { registerGraphRoutes } from "./graph/graph-routes.ts";
import { registerAnthropicRoutes } from "./models/anthropic-routes.ts";
import { registerGeminiRoutes } from "./models/gemini-routes.ts";
import { registerOpenaiRoutes } from "./models/openai-routes.ts";
import { registerRerankRoutes } from "./models/rerank-routes.ts";
import type { World } from "./world.ts";

/** Model requests carry files as base64. */
const BODY_BYTES_MAX = 32 * 1024 * 1024;

/** One HTTP server for the Graph API, the models, the page and its control API. */
export function createServer(world: World): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500 },
  });
  app.addContentTypeParser("multipart/form-data", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  void app.register((scope, _options, done) => {
    registerGraphRoutes(scope, world);
    done();
  });
  void app.register((scope, _options, done) => {
    scope.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
      const message = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
      // One body that the clients of all three providers can read.
      const code = error.statusCode ?? 400;
      void reply.code(code).send({
        type: "error",
        error: { type: "invalid_request_error", code, status: "INVALID_ARGUMENT", message },
      });
    });
    registerOpenaiRoutes(scope, world);
    registerGeminiRoutes(scope, world);
    registerAnthropicRoutes(scope, world);
    registerRerankRoutes(scope, world);
    done();
  });
  void app.register((scope, _options, done) => {
    registerControlRoutes(scope, world);
    registerPhoneRoutes(scope);
    done();
  });
  return app;
}
