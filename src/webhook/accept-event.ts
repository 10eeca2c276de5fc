import type { WebhookEvent } from "#domain/webhook-event.ts";
import type { TenantDatabase } from "#store/as-tenant.ts";
import {
  acceptEcho,
  acceptIdentityChange,
  acceptMessage,
  acceptStatus,
  editMessage,
  revokeMessage,
  type Route,
} from "#store/inbound.ts";

export type AcceptEventDeps = {
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
        | "duplicate"
        | "echo"
        | "status"
        | "identity-change"
        | "edit"
        | "revoke";
    };

/** Stores one event of a webhook, in the transaction of its change. */
export async function acceptEvent(
  deps: AcceptEventDeps,
  at: { readonly tenant: TenantDatabase; readonly route: Route },
  event: WebhookEvent,
): Promise<AcceptedEvent> {
  const { tenant, route } = at;
  switch (event.kind) {
    case "message": {
      const { whatsappMessageId } = event;
      const stored = await acceptMessage(tenant, route, {
        message: event,
        longestWaitMs: deps.longestWaitMs,
      });
      if (stored.outcome === "duplicate") return { kind: "duplicate" };
      const { sealedAccessToken } = stored;
      if (sealedAccessToken == null) return { kind: "recorded message" };
      return { kind: "message", whatsappMessageId, sealedAccessToken };
    }
    case "echo": {
      const pausedUntil = new Date(event.sentAt.getTime() + deps.humanPauseMs);
      await acceptEcho(tenant, route, { echo: event, pausedUntil });
      return { kind: "echo" };
    }
    case "status":
      await acceptStatus(tenant, route, event);
      return { kind: "status" };
    case "identity-change":
      await acceptIdentityChange(tenant, route, event);
      return { kind: "identity-change" };
    case "edit":
      await editMessage(tenant, route, {
        whatsappMessageId: event.originalMessageId,
        text: event.content.text,
        occurredAt: event.occurredAt,
      });
      return { kind: "edit" };
    case "revoke":
      await revokeMessage(tenant, route, {
        whatsappMessageId: event.originalMessageId,
        occurredAt: event.occurredAt,
      });
      return { kind: "revoke" };
  }
}
