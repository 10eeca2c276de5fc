import type { FastifyInstance } from "fastify";
import type { Metrics } from "#platform/metrics.ts";
import { type AppDatabase, isDatabaseReachable } from "#store/database.ts";

export type HealthDeps = {
  readonly db: AppDatabase;
  readonly metrics: Pick<Metrics, "render">;
  /** Whether this process takes part in the work (null: it only serves). */
  readonly isWorkerReady: (() => boolean) | null;
};

const DATABASE_TIMEOUT_MS = 2_000;

/**
 * For the machines that watch: `/healthz` says that the process lives, `/readyz` that it can do its
 * work (200, or 503 with what is missing), `/metrics` in Prometheus' format.
 */
export async function registerHealth(app: FastifyInstance, deps: HealthDeps): Promise<void> {
  app.get("/healthz", () => ({ status: "ok" }));
  app.get("/readyz", async (_request, reply) => {
    const checks = {
      database: await isDatabaseReachable(deps.db, DATABASE_TIMEOUT_MS),
      worker: deps.isWorkerReady?.() ?? true,
    };
    const isReady = checks.database && checks.worker;
    return reply
      .code(isReady ? 200 : 503)
      .send({ status: isReady ? "ready" : "not ready", checks });
  });
  app.get("/metrics", async (_request, reply) =>
    reply.type("text/plain; version=0.0.4").send(await deps.metrics.render()),
  );
}
