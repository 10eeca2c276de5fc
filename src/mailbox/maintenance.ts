import { postUndeliveredAlerts } from "#store/alerts.ts";
import type { AppDatabase } from "#store/database.ts";
import { closeBillingPeriods, removeOldRecords } from "#store/maintenance.ts";
import type { TurnHandler } from "./turn-handler.ts";

/** How long records are kept that only help to look back. */
export type Retention = { readonly webhookEventDays: number; readonly turnDays: number };

/** Name of the schedule and of its handler. */
export const MAINTENANCE = "maintenance";
const EVERY_MS = 60 * 60 * 1_000;

/**
 * The hourly schedule: begins billing periods anew, posts alerts again that Slack was away for, and removes raw webhooks and ended turns that are
 * past their time, a bounded number at once. When more is left it runs again soon.
 */
export function createMaintenanceHandler(deps: {
  readonly db: AppDatabase;
  readonly retention: Retention;
  /** Without one, no alert is on its way to Slack. */
  readonly slackWebhookUrl: string | undefined;
}): TurnHandler {
  return {
    run: async () => {
      await closeBillingPeriods(deps.db);
      if (deps.slackWebhookUrl !== undefined) await postUndeliveredAlerts(deps.db);
      const { isComplete } = await removeOldRecords(deps.db, deps.retention);
      return { kind: "scheduled", nextMs: isComplete ? EVERY_MS : 1_000 };
    },
    fail: async () => null,
  };
}
