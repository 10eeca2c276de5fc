import { setTimeout as wait } from "node:timers/promises";
import type { Events } from "./events.ts";
import type { Faults } from "./faults.ts";
import { signBody } from "./sign-body.ts";

/** One webhook on its way to the business, with all its attempts. */
export type Delivery = {
  readonly id: number;
  readonly kind: "message" | "status" | "echo" | "raw";
  /** Ids of the messages it carries or reports on. */
  readonly messageIds: readonly string[];
  state: "pending" | "acknowledged" | "abandoned";
  attempts: number;
  /** HTTP status of the last attempt; null when no answer came. */
  lastStatus: number | null;
};

/** What is to be delivered: the exact bytes, and where. */
export type DeliveryInput = {
  readonly kind: Delivery["kind"];
  readonly messageIds: readonly string[];
  readonly body: string;
  readonly url: string;
  readonly appSecret: string;
  /** Instead of the right signature; null sends none. */
  readonly signature?: string | null | undefined;
  /** Raw deliveries of tests are tried once; everything else until it is acknowledged. */
  readonly attemptsMax?: number | undefined;
};

/** A delivery under way. */
export type StartedDelivery = {
  /** Resolves when it is acknowledged or abandoned (reset, close, attempts used up). */
  readonly settled: Promise<Delivery>;
  /** Resolves when it was tried once, well or badly. */
  readonly tried: Promise<void>;
};

/** Delivers as Meta does: signed, at least once, concurrently, until somebody answers 200. */
export type WebhookSender = {
  readonly deliver: (input: DeliveryInput) => StartedDelivery;
  readonly deliveries: () => readonly Delivery[];
  /** Gives up everything that is under way and forgets it. */
  readonly clear: () => void;
};

/** What the sender needs, and the growth of its pauses. */
export type WebhookSenderDeps = {
  readonly events: Events;
  readonly faults: Faults;
  /** First pause after the immediate second attempt; it doubles with each further one. */
  readonly retryDelayMs: number;
  readonly retryDelayMaxMs: number;
};

/** An answer that takes longer counts as a failure. Meta publishes no figure; ours is generous. */
const ANSWER_TIMEOUT_MS = 20_000;

/** How long a delivery is held back for another one to overtake it, with the fault switched on. */
const REORDER_HOLD_MS = 150;

/** Starts with nothing under way. */
export function createWebhookSender(deps: WebhookSenderDeps): WebhookSender {
  let deliveries: Delivery[] = [];
  let lifetime = new AbortController();
  const hold = createReorderBuffer();

  const deliver = (input: DeliveryInput): StartedDelivery => {
    const delivery: Delivery = {
      id: deliveries.length + 1,
      kind: input.kind,
      messageIds: input.messageIds,
      state: "pending",
      attempts: 0,
      lastStatus: null,
    };
    deliveries.push(delivery);
    const { signal } = lifetime;
    const tried = Promise.withResolvers<void>();
    const job = { input, delivery, signal, onTried: tried.resolve };
    return { settled: run(job).finally(tried.resolve), tried: tried.promise };
  };

  const run = async (job: Job): Promise<Delivery> => {
    const { reordered, duplicates } = deps.faults.current().webhooks;
    if (reordered) await hold();
    const attempt = () => attemptUntilAcknowledged(deps, job);
    await Promise.all(Array.from({ length: duplicates + 1 }, attempt));
    return job.delivery;
  };

  return {
    deliver,
    deliveries: () => deliveries,
    clear: () => {
      lifetime.abort();
      lifetime = new AbortController();
      deliveries = [];
    },
  };
}

type Job = {
  readonly input: DeliveryInput;
  readonly delivery: Delivery;
  readonly signal: AbortSignal;
  readonly onTried: () => void;
};

async function attemptUntilAcknowledged(deps: WebhookSenderDeps, job: Job): Promise<void> {
  const { delivery, signal } = job;
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const status = await post(job);
    job.onTried();
    delivery.attempts += 1;
    delivery.lastStatus = status;
    if (status === 200) delivery.state = "acknowledged";
    else if (attempt >= (job.input.attemptsMax ?? Infinity)) delivery.state = "abandoned";
    if (!signal.aborted) deps.events.emit({ type: "delivery", delivery: { ...delivery } });
    if (status === 200 || attempt >= (job.input.attemptsMax ?? Infinity)) return;
    const pauseMs = attempt === 1 ? 0 : deps.retryDelayMs * 2 ** (attempt - 2);
    await wait(Math.min(pauseMs, deps.retryDelayMaxMs), undefined, { signal }).catch(
      () => undefined,
    );
  }
  if (delivery.state === "pending") delivery.state = "abandoned";
}

async function post({ input, signal }: Job): Promise<number | null> {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "user-agent": "facebookexternalua",
  };
  const signature =
    input.signature === undefined ? signBody(input.appSecret, input.body) : input.signature;
  if (signature !== null) headers["x-hub-signature-256"] = signature;
  try {
    const response = await fetch(input.url, {
      method: "POST",
      headers,
      body: input.body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  }
}

/** Each call waits until a later one has gone ahead, or until the hold time is over. */
function createReorderBuffer(): () => Promise<void> {
  let release: (() => void) | undefined = undefined;
  return async () => {
    const waiting = release;
    if (waiting !== undefined) {
      release = undefined;
      // The later delivery goes first; the held one follows in the next round of the event loop.
      setTimeout(waiting, 5);
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, REORDER_HOLD_MS);
      function done() {
        clearTimeout(timer);
        if (release === done) release = undefined;
        resolve();
      }
      release = done;
    });
  };
}
