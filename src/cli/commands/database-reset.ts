import { z } from "zod";
import { defineCommand } from "./command.ts";
import { createSchema, ensureDatabase } from "./database-create.ts";
import { dropAll } from "./database-drop.ts";
import { insertSeed, readSeedSettings } from "./database-seed.ts";
import { databaseTarget, targetConfig } from "./database-target.ts";

/** `database reset`. */
export const databaseReset = defineCommand({
  name: "database reset",
  summary: "Drop all tables, make them again and insert the sample data.",
  examples: ["./parley database reset --dev", "./parley database reset --test --yes"],
  input: z.strictObject(databaseTarget),
  view: { kind: "record" },
  confirmation: "Drop all tables, with all organizations, chatbots and conversations in them?",
  reach: "alone",
  schema: "may be missing",
  configFor: targetConfig,
  async *run(deps, input, notice) {
    // Read first: a missing setting must not be found when everything is dropped already.
    const settings = readSeedSettings(deps.config, input);
    await ensureDatabase(deps.config);
    const dropped = await dropAll(deps);
    const created = await createSchema(deps);
    yield { ...dropped, ...created, ...(await insertSeed(deps, settings, notice)) };
  },
});
