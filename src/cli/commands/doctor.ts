import { z } from "zod";
import { toAppError } from "#domain/errors.ts";
import { OWN_INDEX_LIMITS } from "#knowledge/search/keep-own-indexes.ts";
import { asSystem } from "#store/as-tenant.ts";
import { listChatbots } from "#store/chatbots.ts";
import { listSealedChatbots, loadServerHealth, loadWorkHealth } from "#store/health.ts";
import { assertMigrated } from "#store/migrate.ts";
import { listOwnIndexes, mayBuildIndexes } from "#store/own-indexes.ts";
import { checkCeilings } from "./check-ceilings.ts";
import { checkChatbots } from "./check-chatbots.ts";
import { checkOldKeys } from "./check-old-keys.ts";
import { checkOwnIndexes, type OwnIndexes } from "./check-own-indexes.ts";
import { checkServer } from "./check-server.ts";
import { checkWork } from "./check-work.ts";
import { type CommandDeps, defineCommand } from "./command.ts";
import { Finding, ok, problem } from "./finding.ts";
import { livingWorkers } from "./living-workers.ts";

/** `doctor`: its part that needs the database. The settings and the data folder are checked before. */
export const doctor = defineCommand({
  name: "doctor",
  summary: "Check everything that has to be right, and say what to do where it is not.",
  details:
    "Ends with 1 when there is a problem; warnings do not count. --online also asks Meta for the state of each chatbot's number and each model for a short answer, which costs a few tokens.",
  examples: ["./parley doctor", "./parley doctor --online", "./parley doctor --json"],
  input: z.strictObject({
    online: z.boolean().default(false).describe("Also ask Meta and the model providers."),
  }),
  view: {
    kind: "lines",
    line: (row) => {
      const { level, check, message } = Finding.parse(row);
      return `${MARKS[level]} ${check}: ${message}`;
    },
  },
  schema: "may be missing",
  isFailure: (row) => row["level"] === "problem",
  async *run(deps, input) {
    const schema = await checkSchema(deps);
    yield* checkServer(await deps.database.asOwner(loadServerHealth), deps.database.kind);
    yield schema;
    if (schema.level === "problem") return;
    const { db } = deps.database;
    yield* checkWork(await asSystem(db, (system) => loadWorkHealth(system, livingWorkers(deps))));
    yield checkOwnIndexes(await loadOwnIndexes(deps));
    yield* checkChatbots(deps, await asSystem(db, listSealedChatbots), input);
    yield await checkOldKeys(deps);
    yield* checkCeilings(await asSystem(db, (system) => listChatbots(system)));
  },
});

const MARKS = { ok: "ok     ", warning: "WARNING", problem: "PROBLEM" } as const;

async function checkSchema(deps: CommandDeps): Promise<Finding> {
  try {
    await assertMigrated(deps.database);
    return ok("schema", "All migrations are applied.");
  } catch (error) {
    return problem("schema", toAppError(error).message);
  }
}

async function loadOwnIndexes({ database }: CommandDeps): Promise<OwnIndexes> {
  const found = await asSystem(database.db, (system) =>
    listOwnIndexes(system, OWN_INDEX_LIMITS.buildAbove),
  );
  if (database.kind === "embedded") return { found, builder: "embedded" };
  return { found, builder: (await database.asOwner(mayBuildIndexes)) ? "owner" : "not-owner" };
}
