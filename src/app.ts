import { createAlertHandler } from "#alerts/deliver-alerts.ts";
import { type HealthDeps, registerHealth } from "#api/health-routes.ts";
import { createHttpServer, listen } from "#api/http-server.ts";
import { registerStartPage } from "#api/start-page.ts";
import { createConversationHandler } from "#flow/conversation-handler.ts";
import { createPauseSchedule, PAUSES } from "#flow/handoff/pause-schedule.ts";
import { extractDocument } from "#knowledge/extract/extract-document.ts";
import { createKnowledgeHandlers } from "#knowledge/ingest/knowledge-handlers.ts";
import { KNOWLEDGE_SYNC } from "#knowledge/ingest/sync-schedule.ts";
import { createIndexSchedule, KNOWLEDGE_INDEX } from "#knowledge/search/own-index-schedule.ts";
import { createNotifier } from "#mailbox/create-notifier.ts";
import { createWorker, type Worker, WORKER_PACE } from "#mailbox/create-worker.ts";
import { createMaintenanceHandler, MAINTENANCE } from "#mailbox/maintenance.ts";
import type { TurnHandler } from "#mailbox/turn-handler.ts";
import { createGate } from "#media/create-gate.ts";
import { createRetentionSchedule, MEDIA_RETENTION } from "#media/retention-schedule.ts";
import { createMetrics, type Metrics } from "#platform/metrics.ts";
import { newId } from "#platform/new-id.ts";
import { ensureSchedule, readBacklog } from "#store/mailboxes.ts";
import { registerWebhook } from "#webhook/routes.ts";
import { createTypingIndicator } from "#webhook/typing-indicator.ts";
import type { Platform } from "./open-platform.ts";

/** `serve`: webhooks and the API. `work`: turns and schedules. `start` is both in one process. */
export type Part = "serve" | "work";

/** The running program. */
export type App = {
  /** Where it serves, with the real port; null when this process only works. */
  readonly url: string | null;
  /** Takes no more, finishes what runs or hands it over, in this order. */
  readonly close: () => Promise<void>;
};

/** What may differ from the defaults in one start. */
export type StartOptions = {
  readonly parts: readonly Part[];
  /** Where the start page leads, when a simulator runs beside. */
  readonly simulatorUrl: string | null;
};

/** A customer whose document waits longer than that to be read is asked to send it again. */
const DOCUMENT_PATIENCE_MS = 45_000;

/** Starts parts of the program on an open platform, whose schema is up to date. */
export async function startApp(platform: Platform, options: StartOptions): Promise<App> {
  const { database } = platform;
  const stack = new AsyncDisposableStack();
  try {
    const metrics = createMetrics(() => readBacklog(database.db));
    const worker = options.parts.includes("work") ? await startWorker(platform, metrics) : null;
    if (worker !== null) stack.defer(worker.stop);
    const joined = { metrics, worker, stack, simulatorUrl: options.simulatorUrl };
    const url = options.parts.includes("serve") ? await serve(platform, joined) : null;
    if (platform.config.METRICS_PORT !== undefined) await serveHealth(platform, joined);
    return { url, close: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function startWorker(platform: Platform, metrics: Metrics): Promise<Worker> {
  const { config, database, clock, logger } = platform;
  const handlers = createHandlers(platform, metrics);
  await ensureSchedule(database.db, { name: MAINTENANCE, firstMs: 60_000 });
  await ensureSchedule(database.db, { name: PAUSES, firstMs: 5_000 });
  await ensureSchedule(database.db, { name: MEDIA_RETENTION, firstMs: 90_000 });
  await ensureSchedule(database.db, { name: KNOWLEDGE_SYNC, firstMs: 10_000 });
  if (database.kind === "server")
    await ensureSchedule(database.db, { name: KNOWLEDGE_INDEX, firstMs: 120_000 });
  return createWorker(
    { database, clock, logger, handlers, metrics, newId, random: Math.random },
    {
      ...WORKER_PACE,
      places: config.WORKER_PLACES,
      organizationCap: config.ORGANIZATION_TURN_CAP,
      documentPlaces: config.WORKER_DOCUMENT_PLACES,
      deadAfterMs: config.WORKER_DEAD_AFTER_MS,
      drainMs: config.DRAIN_MS,
    },
  );
}

/** What each kind of mailbox does with its turns. */
function createHandlers(platform: Platform, metrics: Metrics): ReadonlyMap<string, TurnHandler> {
  const { config, database, clock, logger } = platform;
  return new Map<string, TurnHandler>([
    ["conversation", conversationHandler(platform, metrics)],
    ["alerts", createAlertHandler({ db: database.db, slackWebhookUrl: config.SLACK_WEBHOOK_URL })],
    [
      MAINTENANCE,
      createMaintenanceHandler({
        db: database.db,
        retention: {
          webhookEventDays: config.WEBHOOK_EVENT_RETENTION_DAYS,
          turnDays: config.TURN_RETENTION_DAYS,
        },
        slackWebhookUrl: config.SLACK_WEBHOOK_URL,
      }),
    ],
    [PAUSES, createPauseSchedule({ db: database.db })],
    [
      MEDIA_RETENTION,
      createRetentionSchedule({
        db: database.db,
        storage: platform.knowledge.storage,
        logger,
        retentionDays: config.MEDIA_RETENTION_DAYS,
      }),
    ],
    [KNOWLEDGE_INDEX, createIndexSchedule({ database, clock, logger })],
    ...createKnowledgeHandlers({
      ...platform.knowledge,
      db: database.db,
      databaseKind: database.kind,
      clock,
      logger,
    }),
  ]);
}

/** The flow, with everything that it reaches. */
function conversationHandler(platform: Platform, metrics: Metrics): TurnHandler {
  const { config, database, knowledge } = platform;
  return createConversationHandler({
    ...platform,
    ...platform.hearing,
    extract: extractDocument,
    documentGate: createGate({
      places: config.WORKER_DOCUMENT_PLACES,
      patienceMs: DOCUMENT_PATIENCE_MS,
    }),
    embeddings: knowledge.embeddings,
    rerankings: knowledge.rerankings,
    storage: knowledge.storage,
    toolProviders: platform.tools.toolProviders,
    breakers: platform.tools.breakers,
    db: database.db,
    metrics,
    outcomeWaitMs: config.SEND_OUTCOME_WAIT_MS,
  });
}

/** What the servers of this process are joined from. */
type Joined = {
  readonly metrics: Metrics;
  readonly worker: Worker | null;
  readonly stack: AsyncDisposableStack;
  readonly simulatorUrl: string | null;
};

async function serve(platform: Platform, joined: Joined): Promise<string> {
  const { config, database, keyRing, whatsApp, clock, logger } = platform;
  const { metrics, worker } = joined;
  const server = createHttpServer(logger);
  joined.stack.defer(() => server.close());
  await server.register(registerWebhook, {
    db: database.db,
    keyRing,
    clock,
    logger,
    metrics,
    appSecret: config.WHATSAPP_APP_SECRET,
    verifyToken: config.WHATSAPP_VERIFY_TOKEN,
    allowUnsigned: config.WEBHOOK_ALLOW_UNSIGNED,
    longestWaitMs: config.REPLY_LONGEST_WAIT_MS,
    humanPauseMs: config.HUMAN_PAUSE_MINUTES * 60_000,
    notifier: createNotifier({ database, clock, logger, wakeLocal: () => worker?.wake() }),
    typing: createTypingIndicator({ whatsApp, keyRing, logger }),
  });
  await server.register(registerHealth, healthDeps(platform, joined));
  await server.register(registerStartPage, { simulatorUrl: joined.simulatorUrl });
  return listen(server, { host: config.HOST, port: config.PORT });
}

/** A port of its own for those who watch: for a worker, which has no other, or kept from the public. */
async function serveHealth(platform: Platform, joined: Joined): Promise<void> {
  const { config, logger } = platform;
  const server = createHttpServer(logger);
  joined.stack.defer(() => server.close());
  await server.register(registerHealth, healthDeps(platform, joined));
  await listen(server, { host: config.HOST, port: config.METRICS_PORT ?? 0 });
}

function healthDeps({ database }: Platform, { metrics, worker }: Joined): HealthDeps {
  return { db: database.db, metrics, isWorkerReady: worker?.isReady ?? null };
}
