import { createKnowledgeHandlers } from "#knowledge/ingest/knowledge-handlers.ts";
import { joinWorkers } from "#mailbox/membership.ts";
import { runMailbox } from "#mailbox/run-mailbox.ts";
import { silentLogger } from "#platform/logger.ts";
import { newId } from "#platform/new-id.ts";
import { hasLivingWorker } from "#store/living-workers.ts";
import { notifyWorkers } from "#store/mailboxes.ts";
import type { CommandDeps } from "./command.ts";
import { livingWorkers } from "./living-workers.ts";

/** Documents that a command reads at once: reading is work for a processor, embedding mostly waiting. */
const AT_ONCE = 3;
const BEAT_MS = 500;

/**
 * Sees to it that mailboxes are worked off: by the workers, who are told; or, when none lives, by this
 * process, which then takes these mailboxes and no others.
 */
export async function workOff(
  deps: CommandDeps,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { database, clock, config } = deps;
  if (await hasLivingWorker(database.db, livingWorkers(deps))) {
    // The worker of an embedded database looks once a second anyway.
    if (database.kind === "server") await notifyWorkers(database.db);
    return;
  }
  const logger = silentLogger; // the command tells itself what became of each document
  const shared = { database, db: database.db, clock, logger, newId, random: Math.random };
  const handlers = new Map(
    createKnowledgeHandlers({ ...deps.knowledge, ...shared, databaseKind: database.kind }),
  );
  const member = await joinWorkers(shared, {
    beatMs: BEAT_MS,
    deadAfterMs: config.WORKER_DEAD_AFTER_MS,
    onWork: () => {},
  });
  try {
    const waiting = [...keys];
    const next = async (): Promise<void> => {
      for (let key = waiting.shift(); key !== undefined; key = waiting.shift())
        await runMailbox({ ...shared, handlers }, { key, member, signal });
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  } finally {
    await member.leave();
  }
}
