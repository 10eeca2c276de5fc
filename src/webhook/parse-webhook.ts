import type { JsonObject, JsonValue, WebhookChange, WebhookEvent } from "#domain/webhook-event.ts";
import { parseEcho } from "./parse-echo.ts";
import { parseUserIdUpdates } from "./parse-identity-change.ts";
import { parseMessage } from "./parse-message.ts";
import { createContactBook } from "./parse-person.ts";
import { parseStatus } from "./parse-status.ts";
import { asList, asObject, readId, readObject, readObjects } from "./read-json.ts";
import { toStorableJson } from "./storable-json.ts";

/**
 * Reads a webhook of Meta, already parsed as JSON: one result per entry and change.
 *
 * It never throws and never drops anything: whatever we do not understand comes out with its
 * payload and without events, because Meta adds fields without notice and sends a refused webhook
 * again for seven days. A broken message costs only itself. Works in time linear to the body.
 *
 * `receivedAt` stands in for timestamps that cannot be read.
 */
export function parseWebhook(body: unknown, receivedAt: Date): readonly WebhookChange[] {
  const envelope = toStorableJson(body);
  const entries = asList(asObject(envelope)?.["entry"]);
  if (entries === undefined || entries.length === 0) return [recordOnly(envelope)];
  return entries.flatMap((entry) => parseEntry(entry, receivedAt));
}

function parseEntry(entry: JsonValue, receivedAt: Date): readonly WebhookChange[] {
  const changes = asList(asObject(entry)?.["changes"]);
  const businessAccountId = readId(asObject(entry) ?? {}, "id");
  const account = businessAccountId === undefined ? {} : { businessAccountId };
  if (changes === undefined || changes.length === 0) return [{ ...recordOnly(entry), ...account }];
  return changes.map((change) => ({ ...parseChange(change, receivedAt), ...account }));
}

function parseChange(payload: JsonValue, receivedAt: Date): WebhookChange {
  const change = asObject(payload);
  if (change === undefined) return recordOnly(payload);

  const value = readObject(change, "value");
  const field = readId(change, "field") ?? inferField(value);
  const phoneNumberId = readId(readObject(value, "metadata"), "phone_number_id");
  return {
    ...(phoneNumberId === undefined ? {} : { phoneNumberId }),
    field,
    events: parseEvents(field, value, receivedAt),
    payload,
  };
}

/**
 * Only these fields speak to us. `history` and `standby` carry messages too, but old ones and such
 * as another program answers; `message_echoes` (without `smb_`) may carry what we sent ourselves.
 */
function parseEvents(field: string, value: JsonObject, receivedAt: Date): readonly WebhookEvent[] {
  switch (field) {
    case "messages":
      return parseMessages(value, receivedAt);
    case "smb_message_echoes":
      return parseEchoes(value, receivedAt);
    case "user_id_update":
      return parseUserIdUpdates(value, receivedAt);
    default:
      return [];
  }
}

function parseMessages(value: JsonObject, receivedAt: Date): readonly WebhookEvent[] {
  const around = { contacts: createContactBook(value), receivedAt };
  return [
    ...readObjects(value, "messages").map((message) => parseMessage(message, around)),
    ...readObjects(value, "statuses").map((status) => parseStatus(status, receivedAt)),
  ].filter((event) => event !== undefined);
}

function parseEchoes(value: JsonObject, receivedAt: Date): readonly WebhookEvent[] {
  const around = { contacts: createContactBook(value), receivedAt };
  return readObjects(value, "message_echoes")
    .map((echo) => parseEcho(echo, around))
    .filter((event) => event !== undefined);
}

/** Hand-made webhooks leave the field out; messages and statuses come under one name only. */
function inferField(value: JsonObject): string {
  const speaks = asList(value["messages"]) ?? asList(value["statuses"]);
  return speaks === undefined ? "unknown" : "messages";
}

function recordOnly(payload: JsonValue): WebhookChange {
  return { field: "unknown", events: [], payload };
}
