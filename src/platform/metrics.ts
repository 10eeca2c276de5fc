import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

/** What operators watch. Labels never hold an id of a tenant or person: their number is unbounded. */
export type Metrics = {
  /** A webhook was answered; `result` is `accepted`, `refused` or `unavailable`. */
  readonly webhookAnswered: (webhook: {
    readonly result: string;
    readonly durationMs: number;
  }) => void;
  /** Something inside a webhook was stored: a message, a duplicate, a status, … */
  readonly eventAccepted: (kind: string) => void;
  readonly turnEnded: (turn: {
    readonly handler: string;
    readonly outcome: string;
    readonly durationMs: number;
    readonly queuedMs: number;
  }) => void;
  readonly modelCalled: (call: {
    readonly model: string;
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly durationMs: number;
  }) => void;
  readonly messageSent: (message: {
    readonly outcome: string;
    readonly durationMs: number;
  }) => void;
  /** Prometheus' text format. */
  readonly render: () => Promise<string>;
};

/** The state of the queue, asked for when the metrics are read. */
export type BacklogReader = () => Promise<{
  readonly due: number;
  readonly running: number;
  readonly oldestDueMs: number;
}>;

const SECONDS = 1 / 1_000;
const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Metrics of this process in a registry of their own. */
export function createMetrics(readBacklog: BacklogReader): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const instruments = createInstruments(registry);
  const updateBacklog = createBacklogGauges(registry, readBacklog);
  return {
    webhookAnswered: ({ result, durationMs }) => {
      instruments.webhooks.inc({ result });
      instruments.webhookSeconds.observe(durationMs * SECONDS);
    },
    eventAccepted: (kind) => instruments.events.inc({ kind }),
    turnEnded: ({ handler, outcome, durationMs, queuedMs }) => {
      instruments.turns.inc({ handler, outcome });
      instruments.turnSeconds.observe({ handler }, durationMs * SECONDS);
      instruments.queueSeconds.observe({ handler }, queuedMs * SECONDS);
    },
    modelCalled: ({ model, inputTokens, outputTokens, durationMs }) => {
      instruments.modelTokens.inc({ model, direction: "input" }, inputTokens);
      instruments.modelTokens.inc({ model, direction: "output" }, outputTokens);
      instruments.modelSeconds.observe({ model }, durationMs * SECONDS);
    },
    messageSent: ({ outcome, durationMs }) => {
      instruments.sends.inc({ outcome });
      instruments.sendSeconds.observe(durationMs * SECONDS);
    },
    render: async () => {
      await updateBacklog();
      return registry.metrics();
    },
  };
}

function createInstruments(registry: Registry) {
  const registers = [registry];
  const buckets = LATENCY_BUCKETS;
  return {
    webhooks: new Counter({
      name: "parley_webhooks_total",
      help: "Webhooks answered",
      labelNames: ["result"],
      registers,
    }),
    webhookSeconds: new Histogram({
      name: "parley_webhook_seconds",
      help: "Time to answer a webhook",
      buckets,
      registers,
    }),
    events: new Counter({
      name: "parley_accepted_total",
      help: "Events stored from webhooks",
      labelNames: ["kind"],
      registers,
    }),
    turns: new Counter({
      name: "parley_turns_total",
      help: "Attempts of turns by outcome",
      labelNames: ["handler", "outcome"],
      registers,
    }),
    turnSeconds: new Histogram({
      name: "parley_turn_seconds",
      help: "Duration of an attempt of a turn",
      labelNames: ["handler"],
      buckets,
      registers,
    }),
    queueSeconds: new Histogram({
      name: "parley_turn_queue_seconds",
      help: "From the first message to the start of its turn, the reply delay included",
      labelNames: ["handler"],
      buckets,
      registers,
    }),
    modelTokens: new Counter({
      name: "parley_model_tokens_total",
      help: "Tokens of model calls",
      labelNames: ["model", "direction"],
      registers,
    }),
    modelSeconds: new Histogram({
      name: "parley_model_seconds",
      help: "Duration of a model call",
      labelNames: ["model"],
      buckets,
      registers,
    }),
    sends: new Counter({
      name: "parley_sends_total",
      help: "Messages handed to WhatsApp by outcome",
      labelNames: ["outcome"],
      registers,
    }),
    sendSeconds: new Histogram({
      name: "parley_send_seconds",
      help: "Duration of handing a message to WhatsApp",
      buckets,
      registers,
    }),
  };
}

/** One query a scrape serves the three gauges, so they are set before the registry is read. */
function createBacklogGauges(registry: Registry, readBacklog: BacklogReader): () => Promise<void> {
  const registers = [registry];
  const due = new Gauge({
    name: "parley_queue_depth",
    help: "Mailboxes that wait for a worker",
    registers,
  });
  const running = new Gauge({
    name: "parley_turns_running",
    help: "Turns under way, over all workers",
    registers,
  });
  const oldest = new Gauge({
    name: "parley_queue_oldest_seconds",
    help: "Age of the oldest turn that waits for a worker",
    registers,
  });
  return async () => {
    const backlog = await readBacklog().catch(() => null);
    due.set(backlog?.due ?? Number.NaN);
    running.set(backlog?.running ?? Number.NaN);
    oldest.set(backlog === null ? Number.NaN : backlog.oldestDueMs * SECONDS);
  };
}
