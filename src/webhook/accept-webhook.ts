import { toAppError } from "#domain/errors.ts";
import type { WebhookChange, WebhookEvent } from "#domain/webhook-event.ts";
import type { Notifier } from "#mailbox/create-notifier.ts";
import type { Clock } from "#platform/clock.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import type { Logger } from "#platform/logger.ts";
import type { Metrics } from "#platform/metrics.ts";
import { isConflict, isDatabaseAway } from "#store/database.ts";
import { findRoute, insertUnroutedEvent, type PhoneNumberRoute } from "#store/webhook-events.ts";
import { type AcceptedEvent, acceptEvents, type AcceptEventsDeps } from "./accept-events.ts";
import type { WebhookProof } from "./authenticate-webhook.ts";
import type { TypingIndicator } from "./typing-indicator.ts";

export type AcceptWebhookDeps = AcceptEventsDeps & {
  readonly keyRing: Pick<KeyRing, "open">;
  readonly notifier: Notifier;
  readonly typing: TypingIndicator;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, "webhookAnswered" | "eventAccepted">;
};

/** Tries of a transaction that lost against another one. */
const TRIES_MAX = 4;

/**
 * Stores everything in a webhook, each change in one transaction of its tenant. Resolves when all of
 * it is durable; throws when the database is away, so that Meta delivers the whole again (what is
 * stored already is then a no-op). Nothing else in a webhook can make it fail: an event that cannot be
 * stored is kept raw and told to the log, and its neighbours go on.
 */
export async function acceptWebhook(
  deps: AcceptWebhookDeps,
  webhook: { readonly changes: readonly WebhookChange[]; readonly proof: WebhookProof },
): Promise<void> {
  for (const change of webhook.changes) await acceptChange(deps, change, webhook.proof);
}

async function acceptChange(
  deps: AcceptWebhookDeps,
  change: WebhookChange,
  proof: WebhookProof,
): Promise<void> {
  const route =
    change.phoneNumberId === undefined ? null : await findRoute(deps.db, change.phoneNumberId);
  if (route === null || !maySpeakFor(deps, route, proof)) {
    await insertUnroutedEvent(deps.db, change);
    deps.metrics.eventAccepted("unrouted");
    return;
  }
  const accepted = await storeChange(deps, route, change);
  for (const event of accepted) deps.metrics.eventAccepted(event.kind);
  for (const event of accepted)
    if (event.kind === "message") deps.typing.show(route, change.phoneNumberId ?? "", event);
  if (accepted.some((event) => POSTS_WORK.has(event.kind))) deps.notifier.posted();
}

const POSTS_WORK: ReadonlySet<AcceptedEvent["kind"]> = new Set(["message", "opt-out", "opt-in"]);

/** An app may only speak for the numbers that it signs for, or one tenant could forge another's mail. */
function maySpeakFor(
  deps: AcceptWebhookDeps,
  route: PhoneNumberRoute,
  proof: WebhookProof,
): boolean {
  switch (proof.kind) {
    case "unsigned":
      return true;
    case "platform":
      return route.sealedAppSecret === null;
    case "chatbot":
      return (
        route.sealedAppSecret !== null &&
        deps.keyRing.open(route.sealedAppSecret, {
          organizationId: route.organizationId,
          column: "whatsapp_app_secret",
        }) === proof.secret
      );
  }
}

async function storeChange(
  deps: AcceptWebhookDeps,
  route: PhoneNumberRoute,
  change: WebhookChange,
): Promise<readonly AcceptedEvent[]> {
  const outcome = change.events.length > 0 ? "accepted" : "recorded";
  const events = change.events.toSorted(byWhatTheyLock);
  const received = { change, outcome, errorCode: null } as const;
  try {
    return await store(deps, route, { received, events });
  } catch (error) {
    if (isDatabaseAway(error)) throw error;
    return storeOneByOne(deps, route, { ...change, events });
  }
}

/** The slow way, when one event of a change cannot be stored: it must not take the others along. */
async function storeOneByOne(
  deps: AcceptWebhookDeps,
  route: PhoneNumberRoute,
  change: WebhookChange,
): Promise<readonly AcceptedEvent[]> {
  const accepted: AcceptedEvent[] = [];
  let failure: unknown;
  for (const event of change.events) {
    try {
      accepted.push(...(await store(deps, route, { received: null, events: [event] })));
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      failure = error;
      const { organizationId, chatbotId } = route;
      deps.logger.error({ organizationId, chatbotId, kind: event.kind, error }, "event not stored");
      deps.metrics.eventAccepted("failed");
    }
  }
  const received =
    failure === undefined
      ? ({ change, outcome: "accepted", errorCode: null } as const)
      : ({ change, outcome: "failed", errorCode: toAppError(failure).code } as const);
  await store(deps, route, { received, events: [] });
  return accepted;
}

async function store(
  deps: AcceptWebhookDeps,
  route: PhoneNumberRoute,
  accepted: Parameters<typeof acceptEvents>[2],
): Promise<readonly AcceptedEvent[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await acceptEvents(deps, route, accepted);
    } catch (error) {
      if (!isConflict(error) || attempt === TRIES_MAX) throw error;
    }
  }
}

/** One order for all transactions, so that two webhooks about the same people cannot deadlock. */
function byWhatTheyLock(a: WebhookEvent, b: WebhookEvent): number {
  const [left, right] = [lockOf(a), lockOf(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function lockOf(event: WebhookEvent): string {
  switch (event.kind) {
    case "message":
    case "edit":
    case "revoke":
      return `person ${event.sender.phone ?? event.sender.userId ?? ""}`;
    case "echo":
      return `person ${event.recipient.phone ?? event.recipient.userId ?? ""}`;
    case "identity-change":
      return `person ${event.previous.phone ?? event.previous.userId ?? ""}`;
    case "status":
      return `status ${event.whatsappMessageId}`;
  }
}
