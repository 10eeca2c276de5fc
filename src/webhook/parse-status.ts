import { OutboundMessageId } from "#domain/ids.ts";
import type { DeliveryStatus, DeliveryStatusName, JsonObject } from "#domain/webhook-event.ts";
import { parseTimestamp } from "./parse-timestamp.ts";
import { readId, readObject, readObjects, readText } from "./read-json.ts";

const STATUS_NAMES: readonly DeliveryStatusName[] = [
  "sent",
  "delivered",
  "read",
  "played",
  "failed",
];

/** The largest number of PostgreSQL's `integer`. Meta's error codes have at most seven digits. */
const ERROR_CODE_MAX = 2_147_483_647;

/**
 * Reads one item of `statuses`. Nothing if it names no message, or says a word that we do not
 * know (`deleted` of older versions, `warning`): such a status is in the recorded payload only.
 */
export function parseStatus(status: JsonObject, receivedAt: Date): DeliveryStatus | undefined {
  const whatsappMessageId = readId(status, "id");
  const name = STATUS_NAMES.find((candidate) => candidate === status["status"]);
  if (whatsappMessageId === undefined || name === undefined) return undefined;

  return {
    kind: "status",
    whatsappMessageId,
    status: name,
    occurredAt: parseTimestamp(status["timestamp"], receivedAt),
    ...parseOwnId(status),
    ...parseError(status),
    ...parsePricing(readObject(status, "pricing")),
  };
}

/** Other programs on the same number may put anything here; ours puts the id of its message. */
function parseOwnId(status: JsonObject): Pick<DeliveryStatus, "outboundMessageId"> {
  const own = OutboundMessageId.safeParse(status["biz_opaque_callback_data"]);
  return own.success ? { outboundMessageId: own.data } : {};
}

function parseError(status: JsonObject): Pick<DeliveryStatus, "errorCode" | "errorTitle"> {
  const error = readObjects(status, "errors")[0];
  if (error === undefined) return {};
  const code = Number(readId(error, "code") ?? Number.NaN);
  const title = readText(error, "title") ?? readText(error, "message");
  return {
    ...(Number.isInteger(code) && code >= 0 && code <= ERROR_CODE_MAX ? { errorCode: code } : {}),
    ...(title === undefined ? {} : { errorTitle: title }),
  };
}

function parsePricing(
  pricing: JsonObject,
): Pick<DeliveryStatus, "pricingCategory" | "pricingType" | "billable"> {
  const pricingCategory = readId(pricing, "category");
  const pricingType = readId(pricing, "type");
  const billable = pricing["billable"];
  return {
    ...(pricingCategory === undefined ? {} : { pricingCategory }),
    ...(pricingType === undefined ? {} : { pricingType }),
    ...(typeof billable === "boolean" ? { billable } : {}),
  };
}
