import { z } from "zod";
import type { Config } from "#config.ts";
import { ensureServerDatabase } from "#store/database-admin.ts";
import { migrate } from "#store/migrate.ts";
import { type CommandDeps, defineCommand, type Row } from "./command.ts";
import { databaseTarget, describeTarget, targetConfig } from "./database-target.ts";

/** `database create`. */
export const databaseCreate = defineCommand({
  name: "database create",
  summary: "Make the database, if it is missing, and its schema.",
  examples: ["./parley database create --dev", "./parley database create --test"],
  input: z.strictObject(databaseTarget),
  view: { kind: "record" },
  schema: "may be missing",
  configFor: targetConfig,
  async *run(deps) {
    const isNew = await ensureDatabase(deps.config);
    yield { isNew, ...(await createSchema(deps)) };
  },
});

/** Makes the database on its server, if it is missing; an embedded one makes itself. */
export async function ensureDatabase(config: Config): Promise<boolean> {
  return config.DATABASE_URL === undefined ? false : ensureServerDatabase(config.DATABASE_URL);
}

/** Makes what is missing of the schema; repeating it does nothing. */
export async function createSchema(deps: CommandDeps): Promise<Row> {
  const migrations = await migrate(deps.database);
  return { database: describeTarget(deps.config), migrations: [...migrations] };
}
