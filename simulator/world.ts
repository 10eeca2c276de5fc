import { createChats, type Chats } from "./chats.ts";
import { createDirectory, type Directory } from "./directory.ts";
import { createEvents, type Events } from "./events.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createMediaStore, type MediaStore } from "./media-store.ts";
import { createModels, type Models } from "./models/create-models.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { createPauses, type Pauses } from "./pauses.ts";
import type { SimulatorSettings } from "./settings.ts";
import { createTyping, type Typing } from "./typing.ts";
import { createWebhookSender, type WebhookSender } from "./webhook-sender.ts";

/** Everything the simulator knows; its parts receive it and take what they need. */
export type World = {
  settings: SimulatorSettings;
  readonly now: () => number;
  readonly events: Events;
  readonly faults: Faults;
  readonly directory: Directory;
  readonly chats: Chats;
  readonly typing: Typing;
  readonly outbox: Outbox;
  readonly media: MediaStore;
  readonly models: Models;
  readonly webhooks: WebhookSender;
  readonly pauses: Pauses;
};

/** Time and chance, so that a run can be repeated. */
export type WorldDeps = { readonly now: () => number; readonly random: () => number };

/** Builds an empty world. */
export function createWorld(deps: WorldDeps, settings: SimulatorSettings): World {
  const events = createEvents();
  const pauses = createPauses();
  const faults = createFaults({
    random: deps.random,
    onChange: (current) => events.emit({ type: "faults", faults: current }),
  });
  return {
    settings,
    now: deps.now,
    events,
    faults,
    directory: createDirectory({
      onNumber: (number) => events.emit({ type: "number", number }),
      onCustomer: (customer) => events.emit({ type: "customer", customer }),
    }),
    chats: createChats({ events }),
    typing: createTyping({ events }),
    outbox: createOutbox({ events }),
    media: createMediaStore(),
    models: createModels({ events, now: deps.now }),
    webhooks: createWebhookSender({
      events,
      faults,
      retryDelayMs: settings.webhookRetryDelayMs,
      retryDelayMaxMs: settings.webhookRetryDelayMaxMs,
    }),
    pauses,
  };
}

/** Forgets messages, records, faults and what is under way; numbers and customers stay. */
export function resetWorld(world: World): void {
  world.pauses.cancelAll();
  world.webhooks.clear();
  world.faults.clear();
  world.chats.clear();
  world.typing.clear();
  world.outbox.clear();
  world.models.clear();
  world.events.emit({ type: "reset" });
}
