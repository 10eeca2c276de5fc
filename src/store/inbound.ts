import { sql } from "kysely";
import { z } from "zod";
import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import { readOptWish } from "#domain/opt-out-words.ts";
import type {
  HumanEcho,
  InboundMessage,
  JsonValue,
  WebhookChange,
  WebhookEvent,
} from "#domain/webhook-event.ts";
import { callTogether, type SharedCall } from "./call-together.ts";
import type { AppDatabase } from "./database.ts";

/** The tenant and chatbot that a webhook belongs to. */
export type Route = { readonly organizationId: OrganizationId; readonly chatbotId: ChatbotId };

/** A change as it was received. `failed`: it was understood, but could not be stored in its parts. */
export type ReceivedChange = {
  readonly change: WebhookChange;
  readonly outcome: "accepted" | "recorded" | "failed";
  readonly errorCode: string | null;
};

/** What of a change is to be stored. */
export type ChangeToAccept = {
  /** Null: the raw change is kept already, or will be. */
  readonly received: ReceivedChange | null;
  /** In an order that all transactions share, so that two cannot lock each other out. */
  readonly events: readonly WebhookEvent[];
  /** How long a burst may delay its answer, from its first message. */
  readonly longestWaitMs: number;
  /** How long the bot stays silent after a colleague answered from the phone app. */
  readonly humanPauseMs: number;
};

const Stored = z.object({
  outcome: z.enum(["stored", "duplicate"]).optional(),
  conversationId: z.uuid().optional(),
  sealedAccessToken: z.string().nullish(),
  /** The person has opted out with it, or in again. */
  opted: z.enum(["out", "in"]).nullish(),
});

/**
 * What became of an event; empty for what is no message. `sealedAccessToken` is there when the bot will
 * answer it.
 */
export type StoredEvent = z.infer<typeof Stored>;
const StoredEvents = z.array(Stored);

/**
 * Stores a change of a webhook and all that is in it, whole or not at all, in one call
 * (migrations/0008_answering.sql). Messages are stored once and posted to the mailbox of their
 * conversation; statuses never go backwards.
 * @returns what became of each event.
 */
export async function acceptChange(
  db: AppDatabase,
  route: Route,
  accepted: ChangeToAccept,
): Promise<readonly StoredEvent[]> {
  const { received } = accepted;
  const events = accepted.events.map((event) => toRow(event, accepted.humanPauseMs));
  const stored = await callTogether(db, ACCEPT_CHANGE, {
    organizationId: route.organizationId,
    chatbotId: route.chatbotId,
    received: received === null ? null : toReceivedRow(received),
    events,
    longestWaitMs: accepted.longestWaitMs,
  });
  return StoredEvents.parse(stored);
}

const ACCEPT_CHANGE: SharedCall<Pick<Route, "chatbotId"> & { readonly events: readonly object[] }> =
  {
    name: "accept_change",
    // by person: the first event is the first in the order of the change
    orderOf: ({ chatbotId, events: [first] }) => `${chatbotId} ${toOrder(first)}`,
    call: sql`accept_change((input ->> 'organizationId')::uuid, (input ->> 'chatbotId')::uuid,
    nullif(input -> 'received', 'null'), input -> 'events', (input ->> 'longestWaitMs')::integer)`,
  };

function toOrder(event: object | undefined): string {
  return event !== undefined && "person" in event ? JSON.stringify(event.person) : "";
}

function toReceivedRow({ change, outcome, errorCode }: ReceivedChange): JsonValue {
  const { phoneNumberId = null, field, payload } = change;
  return { phoneNumberId, field, outcome, errorCode, payload };
}

/** An event as accept_event reads it; JSON writes its times as ISO 8601. */
function toRow(event: WebhookEvent, humanPauseMs: number): object {
  switch (event.kind) {
    case "message":
      return {
        kind: event.kind,
        person: event.sender,
        message: {
          ...toMessage(event),
          author: "customer",
          repliesTo: event.repliesTo,
          wantsAnswer: event.wantsAnswer,
          ...toOptWish(event),
        },
      };
    case "echo":
      return {
        kind: event.kind,
        person: event.recipient,
        message: { ...toMessage(event), author: "human" },
        pausedUntil: new Date(event.sentAt.getTime() + humanPauseMs),
      };
    case "edit": {
      const { content, ...edit } = event;
      return { ...edit, text: content.text };
    }
    default:
      return event;
  }
}

/** STOP and START are heeded as they arrive, whoever has the conversation. */
function toOptWish({ content, wantsAnswer }: InboundMessage): object {
  const optWish = wantsAnswer && OPTING_TYPES.has(content.type) ? readOptWish(content.text) : null;
  return optWish === null ? {} : { optWish };
}

const OPTING_TYPES = new Set(["text", "button", "interactive"]);

function toMessage({ content, whatsappMessageId, sentAt }: InboundMessage | HumanEcho): object {
  return { ...content, whatsappMessageId, sentAt };
}
