import { deliver, type NumberDelivery } from "../customers/customer-sends.ts";
import type { Customer, PhoneNumber } from "../directory.ts";
import { buildContact, buildEnvelope, toTimestamp, type JsonObject } from "../envelope.ts";
import type { SentMessage } from "../outbox.ts";
import type { World } from "../world.ts";
import { titleOf } from "./graph-error.ts";

/** What the statuses are about. */
export type StatusSubject = {
  readonly number: PhoneNumber;
  readonly message: SentMessage;
  readonly customer: Customer | undefined;
  /** Ends `failed` with this code, whatever the fault switches say. */
  readonly failWith?: number | undefined;
};

type Status = "sent" | "delivered" | "read" | "failed";

/** Longest time the HTTP answer waits for statuses that are to come before it. */
const BEFORE_RESPONSE_TIMEOUT_MS = 2000;

/**
 * Tells the business what became of a message: sent, delivered, read, each as a webhook of its
 * own, with the pauses of the settings. Resolves when the HTTP answer may go out.
 */
export async function reportStatuses(world: World, subject: StatusSubject): Promise<void> {
  const faults = world.faults.current().statuses;
  if (faults.none) return;
  const failWith = subject.failWith ?? faults.failWith;
  const statuses: Status[] = failWith === null ? ["sent", "delivered", "read"] : ["failed"];
  if (faults.reordered) statuses.reverse();
  if (faults.beforeResponse) {
    const all = Promise.all(statuses.map((status) => report(world, subject, status)));
    await Promise.race([all, world.pauses.wait(BEFORE_RESPONSE_TIMEOUT_MS)]);
    return;
  }
  void reportInOrder(world, subject, statuses);
}

async function reportInOrder(
  world: World,
  subject: StatusSubject,
  statuses: readonly Status[],
): Promise<void> {
  for (const status of statuses) {
    const delayMs = world.settings.statusDelaysMs[status === "failed" ? "sent" : status];
    // Cut short by a reset: nobody waits for the rest.
    if ((await world.pauses.wait(delayMs)) === "cancelled") return;
    await report(world, subject, status);
  }
}

/** Resolves after the first attempt: a business that is down must not stop later statuses. */
async function report(world: World, subject: StatusSubject, status: Status): Promise<void> {
  const delivery: NumberDelivery = {
    number: subject.number,
    kind: "status",
    messageIds: [subject.message.id],
    payload: buildStatusEnvelope(world, subject, status),
  };
  const copies = world.faults.current().statuses.duplicate ? [delivery, delivery] : [delivery];
  await Promise.all(copies.map((copy) => deliver(world, copy).tried));
}

function buildStatusEnvelope(world: World, subject: StatusSubject, status: Status): JsonObject {
  const { customer, message } = subject;
  const faults = world.faults.current().statuses;
  const entry: JsonObject = {
    id: message.id,
    status,
    timestamp: toTimestamp(world.now()),
    ...buildRecipient(message, customer),
    ...(message.callbackData === null || faults.withoutCallbackData
      ? {}
      : { biz_opaque_callback_data: message.callbackData }),
    ...(status === "sent" || status === "delivered" ? { pricing: pricingOf(message) } : {}),
    ...(status === "failed"
      ? { errors: [failure(subject.failWith ?? faults.failWith ?? 131_026)] }
      : {}),
  };
  return buildEnvelope(subject.number, {
    field: "messages",
    value: {
      // Failed statuses come without contacts.
      ...(status === "failed" || customer === undefined
        ? {}
        : { contacts: [buildContact(customer)] }),
      statuses: [entry],
    },
  });
}

/** A phone number that the person hides is omitted, not empty. */
function buildRecipient(message: SentMessage, customer: Customer | undefined): JsonObject {
  if (customer === undefined) return { recipient_id: message.address.replace(/^\+/u, "") };
  return {
    ...(customer.phone === null ? {} : { recipient_id: customer.phone.slice(1) }),
    ...(customer.userId === null ? {} : { recipient_user_id: customer.userId }),
  };
}

function pricingOf(message: SentMessage): JsonObject {
  const category = message.type === "template" ? "utility" : "service";
  return { billable: true, pricing_model: "PMP", type: "regular", category };
}

function failure(code: number): JsonObject {
  return {
    code,
    title: titleOf(code),
    message: titleOf(code),
    error_data: { details: `Simulated failure with code ${code}.` },
    href: "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
  };
}
