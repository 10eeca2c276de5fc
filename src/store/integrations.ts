import { sql } from "kysely";
import { z } from "zod";
import { type ChatbotId, IntegrationId } from "#domain/ids.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import type { TenantDatabase } from "./as-tenant.ts";

const Json: z.ZodType<JsonObject> = z.record(z.string(), z.json());

const Row = z.object({
  id: IntegrationId,
  provider: z.enum(["builtin", "mcp", "windmill", "http"]),
  name: z.string(),
  description: z.string(),
  /** Values by name, sealed; plain where somebody wrote them by SQL. */
  credentials: Json,
  settings: Json,
  toolConfig: Json,
  /** What the last contact with it showed; null: it works, or nothing is known. */
  errorCode: z.string().nullable(),
});
/** An integration as it is given to one chatbot, its credentials sealed. */
export type IntegrationRow = z.infer<typeof Row>;

/**
 * The integrations of a chatbot, by name.
 * @param which those that it may use now, or those that are switched off, too.
 */
export async function findIntegrations(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
  which: "usable" | "all" = "usable",
): Promise<readonly IntegrationRow[]> {
  const { rows } = await sql<{ integration: unknown }>`
    select jsonb_build_object('id', i.id, 'provider', i.provider, 'name', i.name,
      'description', i.description, 'credentials', i.credentials, 'settings', i.settings,
      'toolConfig', c.tool_config, 'errorCode', i.error_code) as integration
    from chatbot_integrations c join org_integrations i on i.id = c.integration_id
    where c.chatbot_id = ${chatbotId}::uuid and (${which === "all"} or c.enabled and i.is_active)
    order by i.name`.execute(tenant);
  return rows.map((row) => Row.parse(row.integration));
}

/** Notes what a contact with an integration showed; null: it works. */
export async function noteIntegrationState(
  tenant: TenantDatabase,
  id: IntegrationId,
  errorCode: string | null,
): Promise<void> {
  await tenant
    .updateTable("org_integrations")
    .set({ checked_at: sql`now()`, error_code: errorCode })
    .where("id", "=", id)
    .execute();
}

/** Puts sealed credentials in the place of those that were read, unless somebody has changed them. */
export async function replaceCredentials(
  tenant: TenantDatabase,
  id: IntegrationId,
  change: { readonly read: JsonObject; readonly sealed: Readonly<Record<string, string>> },
): Promise<void> {
  await sql`update org_integrations set credentials = ${JSON.stringify(change.sealed)}::text::jsonb
    where id = ${id}::uuid and credentials = ${JSON.stringify(change.read)}::text::jsonb`.execute(
    tenant,
  );
}
