import { z } from "zod";
import type { TurnHandler } from "#mailbox/turn-handler.ts";
import { postToSlack, type SlackAttachment } from "#providers/slack/post-to-slack.ts";
import { type AlertToDeliver, loadAlerts, markAlertsDelivered } from "#store/alerts.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";

export type DeliverAlertsDeps = {
  readonly db: AppDatabase;
  /** Slack's incoming webhook; without one, alerts stay in `system_alerts` only. */
  readonly slackWebhookUrl: string | undefined;
};

const Posted = z.object({ alertId: z.uuid() });

const COLORS: Readonly<Record<string, string>> = {
  critical: "#a30200",
  error: "#e01e5a",
  warning: "#ecb22e",
  info: "#2eb67d",
};

/**
 * The mailbox of an organization's alerts: what gathered within a few seconds becomes one message to
 * Slack. Retried while Slack is away, and posted again by the hourly maintenance when it stays away.
 */
export function createAlertHandler(deps: DeliverAlertsDeps): TurnHandler {
  return {
    run: async ({ turn, signal }) => {
      const { organizationId } = turn;
      if (organizationId === null || deps.slackWebhookUrl === undefined) return { kind: "skipped" };
      const ids = turn.messages.map((message) => Posted.parse(message).alertId);
      const alerts = await asTenant(deps.db, organizationId, (tenant) => loadAlerts(tenant, ids));
      if (alerts.length === 0) return { kind: "skipped" };
      await postToSlack(
        deps.slackWebhookUrl,
        { text: headline(alerts), attachments: alerts.map(toAttachment) },
        signal,
      );
      return { kind: "done", effects: (tenant) => markAlertsDelivered(tenant, ids) };
    },
    fail: async () => null,
  };
}

function headline(alerts: readonly AlertToDeliver[]): string {
  const [first] = alerts;
  const count = alerts.length === 1 ? "1 alert" : `${alerts.length} alerts`;
  return `Parley: ${count} for ${first?.organizationName ?? "an organization"}`;
}

function toAttachment(alert: AlertToDeliver): SlackAttachment {
  const facts = [
    alert.message,
    alert.chatbotName === null ? null : `Chatbot: ${alert.chatbotName}`,
    alert.errorCode === null ? null : `Code: ${alert.errorCode}`,
    alert.stepId === null ? null : `Step: ${alert.stepId}`,
    alert.conversationId === null
      ? null
      : `Conversation: ${alert.conversationId} (./parley conversation show ${alert.conversationId})`,
    alert.turnId === null ? null : `Turn: ${alert.turnId} (./parley turns show ${alert.turnId})`,
    alert.occurrences > 1 ? `Seen ${alert.occurrences} times` : null,
  ];
  return {
    color: COLORS[alert.severity] ?? "#999999",
    title: `${alert.severity.toUpperCase()} ${alert.alertType}`,
    text: facts.filter((fact) => fact !== null).join("\n"),
  };
}
