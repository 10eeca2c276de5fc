import { sql } from "kysely";
import type { ChatbotId, TurnId } from "#domain/ids.ts";
import { asSystem, type TenantDatabase } from "./as-tenant.ts";
import type { AppDatabase } from "./database.ts";

/** Something that operators or admins must know. Never holds customer text, tokens or numbers. */
export type Alert = {
  readonly severity: "critical" | "error" | "warning" | "info";
  /** A stable word for the kind of alert, such as `turn_failed`. */
  readonly type: string;
  readonly errorCode: string | null;
  readonly message: string;
  readonly chatbotId: ChatbotId | null;
  readonly turnId: TurnId | null;
  /** The step of the flow that failed, if it is known. */
  readonly stepId: string | null;
  readonly details: Readonly<Record<string, string | number | boolean>>;
  /** Set: each case of this name is told by itself, and not counted up with others of its type. */
  readonly case?: string;
};

/**
 * Records an alert in `system_alerts`: the same trouble within an hour counts up one row, unless it
 * names a case. A new one is
 * posted to the organization's alert mailbox, from where it reaches Slack even if this process dies.
 */
export async function recordAlert(
  tenant: TenantDatabase,
  organizationId: string,
  alert: Alert,
): Promise<void> {
  await sql`
    select * from record_alert(${organizationId}, ${alert.severity}, ${alert.type}, ${alert.errorCode},
      ${alert.message}, ${alert.chatbotId}, ${"process-message"}, ${alert.turnId}, ${alert.stepId},
      ${JSON.stringify(alert.details)}::jsonb, ${alert.case ?? null})`.execute(tenant);
}

/** An alert as Slack shows it. */
export type AlertToDeliver = {
  readonly severity: string;
  readonly alertType: string;
  readonly errorCode: string | null;
  readonly message: string;
  readonly chatbotName: string | null;
  readonly organizationName: string;
  readonly turnId: string | null;
  readonly stepId: string | null;
  /** The conversation that somebody should look at. */
  readonly conversationId: string | null;
  readonly occurrences: number;
};

/** Reads alerts for delivery. */
export async function loadAlerts(
  tenant: TenantDatabase,
  ids: readonly string[],
): Promise<readonly AlertToDeliver[]> {
  return tenant
    .selectFrom("system_alerts as a")
    .innerJoin("organizations as o", "o.id", "a.organization_id")
    .leftJoin("chatbots as b", "b.id", "a.chatbot_id")
    .select([
      "a.severity",
      "a.alert_type as alertType",
      "a.error_code as errorCode",
      "a.message",
      "b.name as chatbotName",
      "o.name as organizationName",
      "a.turn_id as turnId",
      "a.step_id as stepId",
      sql<string | null>`a.details ->> 'conversationId'`.as("conversationId"),
      "a.occurrences",
    ])
    .where("a.id", "in", [...ids])
    .orderBy("a.created_at")
    .execute();
}

/** Notes that alerts have reached Slack. */
export async function markAlertsDelivered(
  tenant: TenantDatabase,
  ids: readonly string[],
): Promise<void> {
  await tenant
    .updateTable("system_alerts")
    .set({ notified_at: sql`now()` })
    .where("id", "in", [...ids])
    .execute();
}

/** Alerts of one organization that are posted again at once: they become one message to Slack. */
const POSTED_AGAIN_MAX = 50;

/**
 * Posts alerts again that Slack was away for, the oldest first: those of the last day that nobody has
 * seen and that are not on their way already.
 */
export async function postUndeliveredAlerts(db: AppDatabase): Promise<void> {
  await asSystem(db, (system) =>
    sql`
      select mailbox_post('alerts:' || organization_id, organization_id, 'alerts', true,
        jsonb_build_object('alertId', id))
      from (
        select a.id, a.organization_id,
          row_number() over (partition by a.organization_id order by a.created_at) as place
        from system_alerts a
        where a.notified_at is null and a.acknowledged_at is null and a.organization_id is not null
          and a.created_at > now() - interval '1 day'
          and not exists (
            select 1 from mailboxes m
            where m.key = 'alerts:' || a.organization_id
              and m.messages @> jsonb_build_array(jsonb_build_object('alertId', a.id)))
        order by 'alerts:' || a.organization_id, a.created_at
      ) undelivered
      where place <= ${POSTED_AGAIN_MAX}`.execute(system),
  );
}
