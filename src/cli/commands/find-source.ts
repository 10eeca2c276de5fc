import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { KnowledgeSource } from "#domain/knowledge.ts";
import { asSystem } from "#store/as-tenant.ts";
import { listSources } from "#store/knowledge-sources.ts";
import type { CommandDeps } from "./command.ts";

/** How commands name a document. */
export const sourceReference = z
  .string()
  .min(1, "may not be empty")
  .meta({ positional: true })
  .describe("Id or name of the document.");

/** @throws AppError NOT_FOUND, or CONFLICT when several have this name. */
export async function getSource(
  deps: Pick<CommandDeps, "database">,
  reference: string,
): Promise<KnowledgeSource> {
  const found = await asSystem(deps.database.db, (system) => listSources(system, { reference }));
  const [first] = found;
  if (first === undefined)
    throw new AppError(
      "NOT_FOUND",
      "There is no document of this id or name. ./parley knowledge list shows all.",
    );
  if (found.length > 1)
    throw new AppError(
      "CONFLICT",
      `${found.length} documents have this name; give the id: ${found.map(({ id }) => id).join(", ")}.`,
    );
  return first;
}
