import { notifyWorkers } from "#store/mailboxes.ts";
import type { CommandDeps } from "./command.ts";

/** Lets workers look at once. The worker of an embedded database looks once a second anyway. */
export async function wakeWorkers({ database }: Pick<CommandDeps, "database">): Promise<void> {
  if (database.kind === "server") await notifyWorkers(database.db);
}
