import type { WorkHealth } from "#store/health.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";
import { formatDuration } from "./format-duration.ts";

/** A turn that waits longer for a worker means that there are too few, or that they hang. */
const LATE_MS = 10_000;
const HANGING_MS = 120_000;
/** A number in use hears of something, if only of statuses, more often than this. */
const SILENT_MS = 24 * 3_600_000;

/** Judges how the work goes. */
export function* checkWork(work: WorkHealth): Generator<Finding> {
  yield checkWorkers(work);
  yield checkQueue(work);
  yield checkFailures(work);
  yield checkAlerts(work);
  if (work.uncertainSends > 0)
    yield warning(
      "unknown outcomes",
      `Of ${work.uncertainSends} message(s) nobody knows whether WhatsApp sent them: no status came for five minutes.`,
    );
  yield checkWebhooks(work);
}

function checkWorkers({ workers, due }: WorkHealth): Finding {
  if (workers > 0) return ok("workers", `${workers} running.`);
  return due > 0
    ? problem(
        "workers",
        `None is running, and ${due} turn(s) wait: start ./parley work (or start).`,
      )
    : warning(
        "workers",
        "None is running: nothing is answered until ./parley work (or start) runs.",
      );
}

function checkQueue({ due, running, oldestDueMs }: WorkHealth): Finding {
  const now = `${running} turn(s) run, ${due} wait for a worker`;
  const oldest = `${now}, the oldest for ${formatDuration(oldestDueMs)}`;
  if (due === 0 || oldestDueMs < LATE_MS) return ok("queue", `${now}.`);
  return oldestDueMs < HANGING_MS
    ? warning("queue", `${oldest}: more workers may be needed.`)
    : problem("queue", `${oldest}: ./parley turns list --status waiting shows them.`);
}

function checkFailures({ failedToday }: WorkHealth): Finding {
  return failedToday === 0
    ? ok("failed turns", "None in the last 24 hours.")
    : warning(
        "failed turns",
        `${failedToday} in the last 24 hours: ./parley turns list --status failed shows them.`,
      );
}

function checkAlerts({ openAlerts }: WorkHealth): Finding {
  if (openAlerts.length === 0) return ok("alerts", "None is open of the last 24 hours.");
  const kinds = openAlerts.map(({ severity, type, count }) => `${count} × ${severity} ${type}`);
  return warning("alerts", `Open of the last 24 hours: ${kinds.join(", ")}.`);
}

function checkWebhooks(work: WorkHealth): Finding {
  const { lastWebhookMs, activeChatbots, unroutedToday } = work;
  if (unroutedToday > 0)
    return warning(
      "webhooks",
      `${unroutedToday} in the last 24 hours were for numbers without a chatbot: compare Meta's phone number ids with ./parley chatbot list.`,
    );
  if (activeChatbots === 0) return ok("webhooks", "There is no active chatbot to hear of.");
  if (lastWebhookMs === null)
    return warning(
      "webhooks",
      "None has come yet: check the callback address and the subscription to messages in Meta's app.",
    );
  const age = formatDuration(lastWebhookMs);
  return lastWebhookMs > SILENT_MS
    ? warning("webhooks", `The last one came ${age} ago: is Meta still subscribed?`)
    : ok("webhooks", `The last one came ${age} ago.`);
}
