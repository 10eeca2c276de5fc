import { z } from "zod";
import { deliverRaw, type RawDelivery } from "./control/deliver-raw.ts";
import { createServer } from "./create-server.ts";
import {
  businessPhoneSends,
  customerSends,
  type CustomerSend,
  type CustomerSent,
} from "./customers/customer-sends.ts";
import {
  phoneNumberInputSchema,
  PRESET_CUSTOMERS,
  type Customer,
  type CustomerInput,
  type PhoneNumber,
  type PhoneNumberInput,
} from "./directory.ts";
import type { FaultPatch, FaultSettings } from "./faults.ts";
import type { Models } from "./models/create-models.ts";
import type { ReadMark, SentMessage } from "./outbox.ts";
import { settingsSchema } from "./settings.ts";
import type { Delivery } from "./webhook-sender.ts";
import { createWorld, resetWorld, type World } from "./world.ts";

/** How to start a simulator. Settings that are left out have defaults, see `settings.ts`. */
export type SimulatorOptions = z.input<typeof settingsSchema> & {
  /** 0 takes a free port. */
  readonly port: number;
  /** Address to listen on; this machine only unless said otherwise. */
  readonly host?: string | undefined;
  readonly phoneNumbers?: readonly PhoneNumberInput[] | undefined;
  /** People who are there from the start; four with different habits when left out. */
  readonly customers?: readonly CustomerInput[] | undefined;
  readonly now?: (() => number) | undefined;
  /** Chance for the fault switches, 0 to 1. */
  readonly random?: (() => number) | undefined;
};

/** A running simulator and everything a test can do with it. */
export type Simulator = {
  /** Base address: the page, and in front of `/v26.0/…`, `/openai/v1`, `/gemini/v1beta`, `/anthropic/v1`. */
  readonly url: string;
  readonly sent: readonly SentMessage[];
  readonly reads: readonly ReadMark[];
  /** Read marks that asked for the typing indicator. */
  readonly typing: readonly ReadMark[];
  readonly deliveries: readonly Delivery[];
  readonly models: Pick<Models, "requests" | "script" | "queue" | "counted">;
  readonly setWebhook: (webhook: { url?: string; appSecret?: string }) => void;
  readonly addPhoneNumber: (number: PhoneNumberInput) => PhoneNumber;
  readonly addCustomer: (customer: CustomerInput) => Customer;
  /** One customer does one thing: one webhook. */
  readonly customerSends: (send: CustomerSend) => CustomerSent;
  /** Several messages in one webhook, as Meta batches them. */
  readonly customersSend: (sends: readonly CustomerSend[]) => CustomerSent;
  /** A person answers from the business's phone app (coexistence echo). */
  readonly businessPhoneSends: (input: {
    phoneNumberId: string;
    customerId: string;
    text: string;
  }) => CustomerSent;
  /** Any body with any signature; resolves with the answer of the business. */
  readonly deliverRaw: (raw: RawDelivery) => Promise<Delivery>;
  /** Meta's handshake: whether the webhook echoes the challenge for this token. */
  readonly verifyWebhook: (verifyToken: string) => Promise<boolean>;
  readonly faults: () => FaultSettings;
  /** Changes some switches; the others stay. Throws a ZodError for names that do not exist. */
  readonly setFaults: (patch: FaultPatch) => FaultSettings;
  readonly clearFaults: () => FaultSettings;
  /** The customer's next reply that this function has not returned yet; rejects after 10 s. */
  readonly nextReply: (
    customerId: string,
    options?: { timeoutMs?: number },
  ) => Promise<SentMessage>;
  /** Resolves with the first answer that is neither undefined nor false, asked after every event. */
  readonly waitFor: <Found>(
    look: () => Found | undefined | false,
    timeoutMs?: number,
  ) => Promise<Found>;
  /** Forgets messages, records and faults; numbers and customers stay. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
};

const WAIT_TIMEOUT_MS = 10_000;

/**
 * Starts the outside world of a WhatsApp business: Meta's Graph API and webhooks, model
 * providers, and customers with a phone in the browser. It shares no code with the product.
 */
export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const {
    port,
    host = "127.0.0.1",
    phoneNumbers,
    customers,
    now = Date.now,
    random = Math.random,
    ...rest
  } = options;
  const world = createWorld({ now, random }, settingsSchema.parse(rest));
  for (const number of z.array(phoneNumberInputSchema).parse(phoneNumbers ?? []))
    world.directory.putNumber(number);
  for (const customer of customers ?? PRESET_CUSTOMERS) world.directory.putCustomer(customer);
  tickMessages(world);
  const server = createServer(world);
  const url = await server.listen({ port, host });
  return buildSimulator(world, {
    url,
    close: async () => {
      world.pauses.cancelAll();
      world.webhooks.clear();
      await server.close();
    },
  });
}

function buildSimulator(world: World, server: Pick<Simulator, "url" | "close">): Simulator {
  return {
    ...server,
    get sent() {
      return world.outbox.sent();
    },
    get reads() {
      return world.outbox.reads();
    },
    get typing() {
      return world.outbox.reads().filter(({ typing }) => typing);
    },
    get deliveries() {
      return world.webhooks.deliveries();
    },
    models: world.models,
    setWebhook: ({
      url: webhookUrl = world.settings.webhookUrl,
      appSecret = world.settings.appSecret,
    }) => {
      world.settings = { ...world.settings, webhookUrl, appSecret };
    },
    addPhoneNumber: world.directory.putNumber,
    addCustomer: world.directory.putCustomer,
    customerSends: (send) => customerSends(world, [send]),
    customersSend: (sends) => customerSends(world, sends),
    businessPhoneSends: (input) => businessPhoneSends(world, input),
    deliverRaw: (raw) => deliverRaw(world, raw),
    verifyWebhook: (verifyToken) => verifyWebhook(world, verifyToken),
    faults: world.faults.current,
    setFaults: world.faults.set,
    clearFaults: world.faults.clear,
    nextReply: (customerId, { timeoutMs = WAIT_TIMEOUT_MS } = {}) =>
      world.outbox.nextReply(customerId, timeoutMs),
    waitFor: (look, timeoutMs = WAIT_TIMEOUT_MS) =>
      world.events.waitFor(look, { timeoutMs, what: "the condition of the test" }),
    reset: () => resetWorld(world),
  };
}

/** The ticks of the customer's bubbles: taken by the business, or what stands in the way. */
function tickMessages(world: World): void {
  world.events.subscribe((event) => {
    if (event.type !== "delivery" || event.delivery.kind !== "message") return;
    const { delivery } = event;
    for (const id of delivery.messageIds) {
      if (delivery.state === "acknowledged") {
        world.chats.change(id, (message) => {
          if (message.tick === "pending") message.tick = "delivered";
          message.problem = null;
        });
      } else {
        world.chats.change(id, (message) => {
          message.problem = delivery.lastStatus ?? 0;
        });
      }
    }
  });
}

async function verifyWebhook(world: World, verifyToken: string): Promise<boolean> {
  const challenge = String(Math.floor(world.now()));
  const url = new URL(world.settings.webhookUrl);
  url.searchParams.set("hub.mode", "subscribe");
  url.searchParams.set("hub.challenge", challenge);
  url.searchParams.set("hub.verify_token", verifyToken);
  const response = await fetch(url, { signal: AbortSignal.timeout(WAIT_TIMEOUT_MS) });
  return response.status === 200 && (await response.text()) === challenge;
}
