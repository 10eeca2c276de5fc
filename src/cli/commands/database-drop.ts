import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { countBusyWorkers, countTables, dropSchema } from "#store/database-admin.ts";
import { type CommandDeps, defineCommand, type Row } from "./command.ts";
import { databaseTarget, describeTarget, targetConfig } from "./database-target.ts";

/** `database drop`. */
export const databaseDrop = defineCommand({
  name: "database drop",
  summary: "Drop all tables, with everything in them.",
  examples: ["./parley database drop --dev", "./parley database drop --test --yes"],
  input: z.strictObject(databaseTarget),
  view: { kind: "record" },
  confirmation: "Drop all tables, with all organizations, chatbots and conversations in them?",
  reach: "alone",
  schema: "may be missing",
  configFor: targetConfig,
  async *run(deps) {
    yield await dropAll(deps);
  },
});

/** Drops what is ours. @throws AppError CONFLICT while it is in use, or when it is not ours. */
export async function dropAll(deps: CommandDeps): Promise<Row> {
  const tables = await deps.database.asOwner(async (owner) => {
    const found = await countTables(owner);
    if (found.tables > 0 && !found.isOurs)
      throw new AppError(
        "CONFLICT",
        "This database has tables that Parley did not make; it is left as it is.",
      );
    const workers = await countBusyWorkers(owner);
    if (workers > 0)
      throw new AppError(
        "CONFLICT",
        `${workers} worker(s) use this database; stop them first (./parley work or start).`,
      );
    await dropSchema(owner);
    return found.tables;
  });
  return { database: describeTarget(deps.config), droppedTables: tables };
}
