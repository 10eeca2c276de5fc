import { sql } from "kysely";
import { z } from "zod";
import { ChatbotId, IntegrationId, OrganizationId } from "#domain/ids.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import type { SystemDatabase, TenantDatabase } from "./as-tenant.ts";

const Json: z.ZodType<JsonObject> = z.record(z.string(), z.json());

const GivenTool = z.object({
  id: IntegrationId,
  organizationId: OrganizationId,
  chatbotId: ChatbotId,
  chatbot: z.string(),
  name: z.string(),
  provider: z.enum(["builtin", "mcp", "windmill", "http"]),
  description: z.string(),
  credentials: z.array(z.string()),
  settings: Json,
  toolConfig: Json,
  enabled: z.boolean(),
  isActive: z.boolean(),
  errorCode: z.string().nullable(),
  checkedAt: z.string().nullable(),
});
/** An integration as one chatbot has it, as operators see it: of its credentials only the names. */
export type GivenTool = z.infer<typeof GivenTool>;

/** The tools of all chatbots, of one, or of this id or name. */
export async function listGivenTools(
  system: SystemDatabase,
  filter: { readonly chatbotId?: ChatbotId; readonly reference?: string } = {},
): Promise<readonly GivenTool[]> {
  const { chatbotId = null, reference = null } = filter;
  const { rows } = await sql<{ tool: unknown }>`
    select jsonb_build_object('id', i.id, 'organizationId', i.organization_id, 'chatbotId', b.id,
      'chatbot', b.name, 'name', i.name, 'provider', i.provider, 'description', i.description,
      'credentials', (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(i.credentials) k),
      'settings', i.settings, 'toolConfig', c.tool_config, 'enabled', c.enabled, 'isActive', i.is_active,
      'errorCode', i.error_code, 'checkedAt', i.checked_at) as tool
    from chatbot_integrations c
      join org_integrations i on i.id = c.integration_id
      join chatbots b on b.id = c.chatbot_id
    where (${chatbotId}::uuid is null or b.id = ${chatbotId}::uuid)
      and (${reference}::text is null or ${reference} in (i.id::text, i.name))
    order by b.id, i.name`.execute(system);
  return rows.map((row) => GivenTool.parse(row.tool));
}

/**
 * What an integration should be; what is undefined keeps its value or default. Settings that are not named
 * stay as they are, and one that is null is taken away.
 */
export type IntegrationWish = {
  readonly name: string;
  readonly provider: string;
  readonly description?: string | undefined;
  readonly settings?: JsonObject | undefined;
  readonly sealedCredentials?: Readonly<Record<string, string>> | undefined;
};

/** Makes an integration, or changes the one of this name; null when that one is of another provider. */
export async function saveIntegration(
  tenant: TenantDatabase,
  organizationId: OrganizationId,
  wish: IntegrationWish,
): Promise<IntegrationId | null> {
  const { name, provider, description = null } = wish;
  const settings = splitChange(wish.settings);
  const credentials =
    wish.sealedCredentials === undefined ? null : JSON.stringify(wish.sealedCredentials);
  const { rows } = await sql<{ id: string }>`
    insert into org_integrations as known (organization_id, provider, name, description, settings, credentials)
    values (${organizationId}::uuid, ${provider}, ${name}, coalesce(${description}, ''),
      ${settings.given}::text::jsonb, coalesce(${credentials}::text::jsonb, '{}'))
    on conflict (organization_id, name) do update set
      description = coalesce(${description}, known.description),
      settings = (known.settings || excluded.settings) - ${settings.removed}::text[],
      credentials = coalesce(${credentials}::text::jsonb, known.credentials),
      is_active = true, error_code = null, checked_at = null
    where known.provider = excluded.provider
    returning id`.execute(tenant);
  return rows[0] === undefined ? null : IntegrationId.parse(rows[0].id);
}

/** One chatbot's use of an integration. */
export type GivenUse = { readonly chatbotId: ChatbotId; readonly integrationId: IntegrationId };

/**
 * Gives an integration to a chatbot and switches it on. Of its configuration, what is not named stays as it
 * is, and what is null is taken away: a change of its parameters must not take its confirmation with it.
 */
export async function giveIntegration(
  tenant: TenantDatabase,
  organizationId: OrganizationId,
  given: GivenUse & { readonly toolConfig: JsonObject | undefined },
): Promise<void> {
  const config = splitChange(given.toolConfig);
  await sql`
    insert into chatbot_integrations as known (organization_id, chatbot_id, integration_id, enabled, tool_config)
    values (${organizationId}::uuid, ${given.chatbotId}::uuid, ${given.integrationId}::uuid, true,
      ${config.given}::text::jsonb)
    on conflict (chatbot_id, integration_id) do update set enabled = true,
      tool_config = (known.tool_config || excluded.tool_config) - ${config.removed}::text[]`.execute(
    tenant,
  );
}

function splitChange(change: JsonObject = {}) {
  const entries = Object.entries(change);
  return {
    given: JSON.stringify(Object.fromEntries(entries.filter(([, value]) => value !== null))),
    removed: entries.filter(([, value]) => value === null).map(([name]) => name),
  };
}

/** Switches a chatbot's tool on or off. */
export async function switchTool(
  tenant: TenantDatabase,
  { chatbotId, integrationId }: GivenUse,
  to: "on" | "off",
): Promise<void> {
  await tenant
    .updateTable("chatbot_integrations")
    .set({ enabled: to === "on" })
    .where("chatbot_id", "=", chatbotId)
    .where("integration_id", "=", integrationId)
    .execute();
}

/** Takes a tool from a chatbot. Where no other has it, the integration goes with its credentials. */
export async function takeIntegration(
  tenant: TenantDatabase,
  { chatbotId, integrationId }: GivenUse,
): Promise<{ readonly isGone: boolean }> {
  await tenant
    .deleteFrom("chatbot_integrations")
    .where("chatbot_id", "=", chatbotId)
    .where("integration_id", "=", integrationId)
    .execute();
  const { rows } = await sql`
    delete from org_integrations where id = ${integrationId}::uuid
      and not exists (select 1 from chatbot_integrations where integration_id = ${integrationId}::uuid)
    returning id`.execute(tenant);
  return { isGone: rows.length > 0 };
}
