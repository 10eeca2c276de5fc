import type { OrganizationId } from "#domain/ids.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { TenantDatabase } from "./as-tenant.ts";

/** A change that somebody made. Names of secrets may be in it, their values never. */
export type AuditEntry = {
  /** What happened to what: `chatbot.updated`. */
  readonly action: string;
  readonly targetType: "organization" | "chatbot" | "conversation" | "turn" | "document" | "tool";
  readonly targetId: string;
  readonly changes: Readonly<Record<string, JsonValue>>;
};

/** Records what an operator changed by a command; belongs into the transaction of the change. */
export async function insertOperatorAudit(
  tenant: TenantDatabase,
  organizationId: OrganizationId,
  entry: AuditEntry,
): Promise<void> {
  await tenant
    .insertInto("audit_logs")
    .values({
      organization_id: organizationId,
      actor_type: "operator",
      action: entry.action,
      target_type: entry.targetType,
      target_id: entry.targetId,
      changes: JSON.stringify(entry.changes),
    })
    .execute();
}
