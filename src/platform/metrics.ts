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
  /** A conversation went to a colleague. */
  readonly handedOver: (reason: string) => void;
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
      const [provider = ""] = model.split(":"); // the rest of the name is any tenant's choice
      instruments.modelTokens.inc({ provider, direction: "input" }, inputTokens);
      instruments.modelTokens.inc({ provider, direction: "output" }, outputTokens);
      instruments.modelSeconds.observe({ provider }, durationMs * SECONDS);
    },
    messageSent: ({ outcome, durationMs }) => {
      instruments.sends.inc({ outcome });
      instruments.sendSeconds.observe(durationMs * SECONDS);
    },
    handedOver: (reason) => instruments.handoffs.inc({ reason }),
    render: async () => {
      await updateBacklog();
      return registry.metrics();
    },
  };
}

function createInstruments(registry: Registry) {
  const registers = [registry];
  const buckets = LATENCY_BUCKETS;
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, ...labelNames: string[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });
  return {
    webhooks: counter("parley_webhooks_total", "Webhooks answered", "result"),
    webhookSeconds: histogram("parley_webhook_seconds", "Time to answer a webhook"),
    events: counter("parley_accepted_total", "Events stored from webhooks", "kind"),
    turns: counter("parley_turns_total", "Attempts of turns by outcome", "handler", "outcome"),
    turnSeconds: histogram("parley_turn_seconds", "Duration of an attempt of a turn", "handler"),
    queueSeconds: histogram(
      "parley_turn_queue_seconds",
      "From the first message to the start of its turn, the reply delay included",
      "handler",
    ),
    modelTokens: counter(
      "parley_model_tokens_total",
      "Tokens of model calls",
      "provider",
      "direction",
    ),
    modelSeconds: histogram("parley_model_seconds", "Duration of a model call", "provider"),
    sends: counter("parley_sends_total", "Messages handed to WhatsApp by outcome", "outcome"),
    handoffs: counter("parley_handoffs_total", "Conversations handed over to people", "reason"),
    sendSeconds: histogram("parley_send_seconds", "Duration of handing a message to WhatsApp"),
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
