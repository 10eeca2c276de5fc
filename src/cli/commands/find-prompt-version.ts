import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { ChatbotRow } from "#store/chatbots.ts";
import { listPromptVersions, type PromptVersion } from "#store/prompt-versions.ts";
import type { CommandDeps } from "./command.ts";

/** How commands name a version of the instructions. */
export const promptReference = z
  .string()
  .regex(/^([1-9]\d{0,8}|draft|published)$/, "is the number of a version, draft or published")
  .meta({ placeholder: "version" });

/** All versions of a chatbot, the newest first. */
export function loadPromptVersions(
  deps: Pick<CommandDeps, "database">,
  { id, organizationId }: ChatbotRow,
): Promise<readonly PromptVersion[]> {
  return asTenant(deps.database.db, organizationId, (tenant) => listPromptVersions(tenant, id));
}

/**
 * The version of this number, or the draft, or the published one.
 * @throws AppError NOT_FOUND.
 */
export function pickPromptVersion(
  versions: readonly PromptVersion[],
  reference: string,
): PromptVersion {
  const found = versions.find(
    ({ number, status }) => String(number) === reference || status === reference,
  );
  if (found !== undefined) return found;
  throw new AppError(
    "NOT_FOUND",
    reference === "draft"
      ? "There is no draft. Make one with ./parley prompt edit."
      : `There is no version ${reference}. ./parley prompt list shows all.`,
  );
}
