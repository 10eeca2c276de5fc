import { z } from "zod";
import { migrate as applyMigrations } from "#store/migrate.ts";
import { defineCommand } from "./command.ts";

/** `migrate`. */
export const migrate = defineCommand({
  name: "migrate",
  summary: "Bring the database's schema up to date.",
  details:
    "Applies in one transaction what the database has not had. Repeating it does nothing, and several may run it at once. The embedded database is brought up to date by every start.",
  examples: ["./parley migrate"],
  input: z.strictObject({}),
  view: {
    kind: "table",
    columns: ["migration"],
    whenEmpty: "The schema is up to date already.",
  },
  schema: "may be missing",
  async *run(deps) {
    for (const migration of await applyMigrations(deps.database)) yield { migration };
  },
});
