import { z } from "zod";
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
    yield await createSchema(deps);
  },
});

/** Makes what is missing; repeating it does nothing. */
export async function createSchema(deps: CommandDeps): Promise<Row> {
  const url = deps.config.DATABASE_URL;
  const isNew = url === undefined ? false : await ensureServerDatabase(url);
  const migrations = await migrate(deps.database);
  return { database: describeTarget(deps.config), isNew, migrations: [...migrations] };
}
