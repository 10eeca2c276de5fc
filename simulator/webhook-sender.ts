import http, { type ClientRequest } from "node:http";
import https from "node:https";
import type { Events } from "./events.ts";
import type { Faults } from "./faults.ts";
import { createPauses, type Pauses } from "./pauses.ts";
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
  let epoch: Epoch = { over: false, requests: new Set() };
  const pauses = createPauses();
  const hold = createReorderBuffer(pauses);

  const run = async (job: Job): Promise<Delivery> => {
    const { reordered, duplicates } = deps.faults.current().webhooks;
    if (reordered) await hold();
    const attempt = () => attemptUntilAcknowledged({ ...deps, pauses }, job);
    await Promise.all(Array.from({ length: duplicates + 1 }, attempt));
    return job.delivery;
  };

  return {
    deliver: (input) => {
      const { kind, messageIds } = input;
      const delivery: Delivery = {
        id: deliveries.length + 1,
        kind,
        messageIds,
        state: "pending",
        attempts: 0,
        lastStatus: null,
      };
      deliveries.push(delivery);
      const tried = Promise.withResolvers<void>();
      const job = { input, delivery, epoch, onTried: tried.resolve };
      return { settled: run(job).finally(tried.resolve), tried: tried.promise };
    },
    deliveries: () => deliveries,
    clear: () => {
      epoch.over = true;
      for (const request of epoch.requests) request.destroy();
      epoch = { over: false, requests: new Set() };
      pauses.cancelAll();
      deliveries = [];
    },
  };
}

/** The time between two resets. */
type Epoch = { over: boolean; readonly requests: Set<ClientRequest> };

type Job = {
  readonly input: DeliveryInput;
  readonly delivery: Delivery;
  readonly epoch: Epoch;
  readonly onTried: () => void;
};

async function attemptUntilAcknowledged(
  deps: WebhookSenderDeps & { readonly pauses: Pauses },
  job: Job,
): Promise<void> {
  const { delivery, epoch } = job;
  const { attemptsMax = Infinity } = job.input;
  for (let attempt = 1; !epoch.over; attempt += 1) {
    const status = await post(job);
    job.onTried();
    delivery.attempts += 1;
    delivery.lastStatus = status;
    if (status === 200) delivery.state = "acknowledged";
    else if (attempt >= attemptsMax && delivery.state === "pending") delivery.state = "abandoned";
    if (!epoch.over) deps.events.emit({ type: "delivery", delivery: { ...delivery } });
    if (status === 200 || attempt >= attemptsMax) return;
    const pauseMs = attempt === 1 ? 0 : deps.retryDelayMs * 2 ** (attempt - 2);
    await deps.pauses.wait(Math.min(pauseMs, deps.retryDelayMaxMs));
  }
  if (delivery.state === "pending") delivery.state = "abandoned";
}

/**
 * Answers with the HTTP status, or null when none came. With node:http rather than fetch: it costs
 * half the CPU, which a bench on the same machine would otherwise count against the product.
 */
function post({ input, epoch }: Job): Promise<number | null> {
  const signature =
    input.signature === undefined ? signBody(input.appSecret, input.body) : input.signature;
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(input.body),
    "user-agent": "facebookexternalua",
    ...(signature === null ? {} : { "x-hub-signature-256": signature }),
  };
  return new Promise((resolve) => {
    try {
      const url = new URL(input.url);
      const request = (url.protocol === "https:" ? https : http).request(
        url,
        { method: "POST", headers, timeout: ANSWER_TIMEOUT_MS },
        (response) => {
          response.resume();
          response.once("end", () => resolve(response.statusCode ?? null));
        },
      );
      epoch.requests.add(request);
      request.once("timeout", () => request.destroy());
      request.once("error", () => resolve(null));
      request.once("close", () => {
        epoch.requests.delete(request);
        resolve(null);
      });
      request.end(input.body);
    } catch {
      // The address is not one.
      resolve(null);
    }
  });
}

/** Each call waits until a later one has gone ahead, or until the hold time is over. */
function createReorderBuffer(pauses: Pauses): () => Promise<void> {
  let release: (() => void) | undefined = undefined;
  return async () => {
    if (release !== undefined) {
      // The later delivery goes first; the held one follows when it is well on its way.
      setTimeout(release, 5);
      release = undefined;
      return;
    }
    const overtaken = Promise.withResolvers<void>();
    release = overtaken.resolve;
    await Promise.race([overtaken.promise, pauses.wait(REORDER_HOLD_MS)]);
    if (release === overtaken.resolve) release = undefined;
  };
}
