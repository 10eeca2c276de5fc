import type { IdentityChange, JsonObject, Person } from "#domain/webhook-event.ts";
import { normalizePhone } from "./normalize-phone.ts";
import { buildPerson, isKnown, parsePerson } from "./parse-person.ts";
import { parseTimestamp } from "./parse-timestamp.ts";
import { asObject, readId, readObject, readObjects } from "./read-json.ts";

/** `customer_changed_number` is the name of the first API version, with `new_wa_id`. */
const CHANGES_OF_IDENTITY = [
  "user_changed_number",
  "user_changed_user_id",
  "customer_changed_number",
];

/**
 * Reads a message of type `system` that says a person has a new number or user id. Nothing for
 * other system messages (a new security code means the same person), and nothing if either side is
 * missing: `system.body` names both, but also holds the name that the person chose, so reading
 * ids from it would let anybody take over another's conversation.
 */
export function parseSystemMessage(
  message: JsonObject,
  receivedAt: Date,
): IdentityChange | undefined {
  const system = readObject(message, "system");
  if (!CHANGES_OF_IDENTITY.includes(readId(system, "type") ?? "")) return undefined;

  const current = buildPerson({
    phone: normalizePhone(system["wa_id"]) ?? normalizePhone(system["new_wa_id"]),
    userId: readId(system, "user_id"),
    parentUserId: readId(system, "parent_user_id"),
  });
  const sender = parsePerson(message, {
    phone: "from",
    userId: "from_user_id",
    parentUserId: "from_parent_user_id",
  });
  const previous = buildPerson({
    phone: sender.phone ?? normalizePhone(system["customer"]),
    userId: readId(system, "previous_user_id") ?? unless(sender.userId, current.userId),
    parentUserId:
      readId(system, "previous_parent_user_id") ??
      unless(sender.parentUserId, current.parentUserId),
  });
  const whatsappMessageId = readId(message, "id");
  return buildChange({
    previous,
    current,
    occurredAt: parseTimestamp(message["timestamp"], receivedAt),
    ...(whatsappMessageId === undefined ? {} : { whatsappMessageId }),
  });
}

/**
 * Reads the field `user_id_update`. Meta says since August 2026 that nobody can subscribe to it;
 * should it come nevertheless, it is the surest word on which two ids are one person.
 */
export function parseUserIdUpdates(value: JsonObject, receivedAt: Date): readonly IdentityChange[] {
  const single = asObject(value["user_id_update"]);
  const updates = single === undefined ? readObjects(value, "user_id_update") : [single];
  return updates.flatMap((update) => {
    const userId = readObject(update, "user_id");
    const parentUserId = readObject(update, "parent_user_id");
    const change = buildChange({
      previous: buildPerson({
        phone: undefined,
        userId: readId(userId, "previous"),
        parentUserId: readId(parentUserId, "previous"),
      }),
      current: buildPerson({
        phone: normalizePhone(update["wa_id"]),
        userId: readId(userId, "current"),
        parentUserId: readId(parentUserId, "current"),
      }),
      occurredAt: parseTimestamp(update["timestamp"], receivedAt),
    });
    return change === undefined ? [] : [change];
  });
}

function buildChange(change: Omit<IdentityChange, "kind">): IdentityChange | undefined {
  const { previous, current } = change;
  const isChange = isKnown(previous) && isKnown(current) && !isSame(previous, current);
  return isChange ? { kind: "identity-change", ...change } : undefined;
}

function isSame(left: Person, right: Person): boolean {
  return left.phone === right.phone && left.userId === right.userId;
}

/** Newer deliveries may name the sender by the new id already: that is no previous one. */
function unless(id: string | undefined, current: string | undefined): string | undefined {
  return id === current ? undefined : id;
}
