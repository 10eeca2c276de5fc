import { type Kysely, sql } from "kysely";
import { z } from "zod";
import type { SystemDatabase } from "./as-tenant.ts";
import type { DB } from "./generated/database.ts";
import { isLiving, type LivingWorkers } from "./living-workers.ts";

const Server = z.object({
  version: z.string(),
  pgvector: z.string().nullable(),
  login: z.string(),
  isSuperuser: z.boolean(),
  bypassesRowSecurity: z.boolean(),
  unprotectedTables: z.array(z.string()),
});
/** What the login finds: versions, its own rights, and tenants' tables without row-level security. */
export type ServerHealth = z.infer<typeof Server>;

/** Asks the server, as the login itself. */
export async function loadServerHealth(owner: Kysely<DB>): Promise<ServerHealth> {
  const { rows } = await sql<{ health: unknown }>`
    select jsonb_build_object('version', current_setting('server_version'),
      'pgvector', (select extversion from pg_extension where extname = 'vector'),
      'login', session_user, 'isSuperuser', r.rolsuper, 'bypassesRowSecurity', r.rolbypassrls,
      'unprotectedTables', (select coalesce(jsonb_agg(c.relname order by c.relname), '[]') from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id'
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
          and not (c.relrowsecurity and c.relforcerowsecurity))) as health
    from pg_roles r where r.rolname = session_user`.execute(owner);
  return Server.parse(rows[0]?.health);
}

const Work = z.object({
  workers: z.number(),
  due: z.number(),
  oldestDueMs: z.number(),
  running: z.number(),
  failedToday: z.number(),
  uncertainSends: z.number(),
  openAlerts: z.array(z.object({ severity: z.string(), type: z.string(), count: z.number() })),
  chatbots: z.number(),
  activeChatbots: z.number(),
  unroutedToday: z.number(),
  lastWebhookMs: z.number().nullable(),
});
/** How the work goes; "today" is the last 24 hours. */
export type WorkHealth = z.infer<typeof Work>;

/** Asks how the work goes, across all organizations. */
export async function loadWorkHealth(
  system: SystemDatabase,
  living: LivingWorkers,
): Promise<WorkHealth> {
  const { rows } = await sql<{ health: unknown }>`
    select jsonb_build_object(
      'workers', (select count(*) from workers w where ${isLiving(living)}),
      'due', b.due, 'running', b.running, 'oldestDueMs', b.oldest_due_ms,
      'failedToday', (select count(*) from turns
        where status = 'failed' and finished_at > now() - interval '24 hours'),
      'uncertainSends', (select count(*) from outbound_messages
        where state = 'sending' and handed_over_at < now() - interval '5 minutes'),
      'openAlerts', (select coalesce(jsonb_agg(jsonb_build_object('severity', a.severity,
          'type', a.alert_type, 'count', a.count)), '[]') from (
        select severity, alert_type, count(*) as count from system_alerts
        where acknowledged_at is null and severity in ('critical', 'error')
          and last_occurred_at > now() - interval '24 hours'
        group by severity, alert_type order by severity, alert_type) a),
      'chatbots', (select count(*) from chatbots),
      'activeChatbots', (select count(*) from chatbots where is_active),
      'unroutedToday', (select count(*) from webhook_events
        where outcome = 'unrouted' and created_at > now() - interval '24 hours'),
      'lastWebhookMs', (select round(extract(epoch from now() - max(created_at)) * 1000)
        from webhook_events)) as health
    from mailbox_backlog() b`.execute(system);
  return Work.parse(rows[0]?.health);
}

/** A chatbot with its sealed secrets, for checks that need them. */
export type SealedChatbot = {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly isActive: boolean;
  readonly phoneNumberId: string;
  readonly model: string;
  readonly fallbackModel: string | null;
  readonly sealedAccessToken: string;
  readonly sealedAppSecret: string | null;
};

/** All chatbots with their sealed secrets. */
export function listSealedChatbots(system: SystemDatabase): Promise<readonly SealedChatbot[]> {
  return system
    .selectFrom("chatbots")
    .select([
      "id",
      "organization_id as organizationId",
      "name",
      "is_active as isActive",
      "whatsapp_phone_number_id as phoneNumberId",
      "model",
      "fallback_model as fallbackModel",
      "whatsapp_access_token as sealedAccessToken",
      "whatsapp_app_secret as sealedAppSecret",
    ])
    .orderBy("id")
    .execute();
}
