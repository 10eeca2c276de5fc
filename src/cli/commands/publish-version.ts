import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import type { ChatbotRow } from "#store/chatbots.ts";
import { type PromptVersion, publishPrompt } from "#store/prompt-versions.ts";
import { refusePromptFaults } from "./check-prompt.ts";
import type { CommandDeps, Row } from "./command.ts";

/**
 * Puts a version into effect and records who did it.
 * @throws AppError INPUT_INVALID when something stands against it.
 */
export async function publishVersion(
  deps: Pick<CommandDeps, "database">,
  { id, organizationId }: ChatbotRow,
  publication: {
    readonly version: PromptVersion;
    /** Number of the version that it replaces. */
    readonly previous: number;
    readonly action: "prompt.published" | "prompt.rolled_back";
  },
): Promise<Row> {
  const { version, previous, action } = publication;
  const { number } = version;
  refusePromptFaults(version.content);
  await asTenant(deps.database.db, organizationId, async (tenant) => {
    await publishPrompt(tenant, id, number);
    await insertOperatorAudit(tenant, organizationId, {
      action,
      targetType: "chatbot",
      targetId: id,
      changes: { number, previous },
    });
  });
  return { number, status: "published", previous };
}
