import type { WebhookEvent } from "#domain/webhook-event.ts";
import type { AppDatabase } from "#store/database.ts";
import { acceptChange, type ChangeToAccept, type Route, type StoredEvent } from "#store/inbound.ts";

export type AcceptEventsDeps = {
  readonly db: AppDatabase;
  /** How long a burst may delay its answer, from its first message. */
  readonly longestWaitMs: number;
  /** How long the bot stays silent after a colleague answered from the phone app. */
  readonly humanPauseMs: number;
};

/** What became of an event. `message`: a new one, which the bot will answer. */
export type AcceptedEvent =
  | {
      readonly kind: "message";
      readonly whatsappMessageId: string;
      readonly sealedAccessToken: string;
    }
  | {
      readonly kind:
        | "recorded message"
        | "opt-out"
        | "opt-in"
        | "duplicate"
        | "echo"
        | "status"
        | "identity-change"
        | "edit"
        | "revoke";
    };

/** Stores events of a change, and the change as received if it is given, in one transaction. */
export async function acceptEvents(
  deps: AcceptEventsDeps,
  route: Route,
  accepted: Pick<ChangeToAccept, "received" | "events">,
): Promise<readonly AcceptedEvent[]> {
  const { longestWaitMs, humanPauseMs } = deps;
  const stored = await acceptChange(deps.db, route, { ...accepted, longestWaitMs, humanPauseMs });
  return accepted.events.map((event, index) => toAcceptedEvent(event, stored[index] ?? {}));
}

function toAcceptedEvent(event: WebhookEvent, stored: StoredEvent): AcceptedEvent {
  if (event.kind !== "message") return { kind: event.kind };
  if (stored.outcome === "duplicate") return { kind: "duplicate" };
  const { sealedAccessToken, opted } = stored;
  if (opted != null) return { kind: opted === "out" ? "opt-out" : "opt-in" };
  if (sealedAccessToken == null) return { kind: "recorded message" };
  return { kind: "message", whatsappMessageId: event.whatsappMessageId, sealedAccessToken };
}
