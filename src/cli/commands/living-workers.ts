import type { LivingWorkers } from "#store/living-workers.ts";
import type { CommandDeps } from "./command.ts";

/** How to tell the living workers of this database. */
export function livingWorkers(deps: CommandDeps): LivingWorkers {
  return deps.database.kind === "server"
    ? { deadAfterMs: deps.config.WORKER_DEAD_AFTER_MS }
    : { startedSince: new Date(deps.clock.now().getTime() - performance.now()) };
}
