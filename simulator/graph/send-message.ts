import { createMessageId } from "../create-message-id.ts";
import type { Customer, PhoneNumber } from "../directory.ts";
import type { JsonObject } from "../envelope.ts";
import type { SentMessage } from "../outbox.ts";
import type { World } from "../world.ts";
import { describeOutbound, textOfContent } from "./describe-outbound.ts";
import { graphError, type GraphError } from "./graph-error.ts";
import type { OutboundMessage } from "./outbound-schema.ts";
import { parseOutbound } from "./parse-outbound.ts";
import { reportStatuses } from "./report-statuses.ts";

/** The answer of a send call. */
export type SendOutcome = { readonly answer: JsonObject } | { readonly error: GraphError };

/** A typing indicator ends after 25 seconds without a reply, as at Meta. */
export const TYPING_MS = 25_000;

/** A customer's message opens the window for free-form replies for this long. */
const WINDOW_MS = 24 * 60 * 60 * 1000;

/**
 * Takes a message of the business: checks limits and the 24-hour window, records it, shows it on
 * the customer's phone and starts the status webhooks.
 */
export async function sendMessage(
  world: World,
  number: PhoneNumber,
  body: unknown,
): Promise<SendOutcome> {
  const parsed = parseOutbound(body);
  if ("error" in parsed) return parsed;
  const { message } = parsed;
  const address = resolveAddress(number, message);
  const customer = world.directory.findRecipient(address);
  const windowOpen = isWindowOpen(world, { number, customer, message });
  if (!windowOpen && world.settings.customerServiceWindow === "refuse") {
    return { error: graphError(400, 131_047, WINDOW_DETAILS) };
  }
  const missing = findMissingMedia(world, message);
  if (missing !== undefined) {
    return { error: graphError(400, 131_053, `There is no media with the id ${missing}.`) };
  }
  const sent = record(world, {
    number,
    customer,
    message,
    body,
    address: address.to ?? address.recipient ?? "",
  });
  await reportStatuses(world, {
    number,
    message: sent,
    customer,
    failWith: windowOpen ? undefined : 131_047,
  });
  return { answer: buildAnswer(message, sent, customer) };
}

const WINDOW_DETAILS =
  "Message failed to send because more than 24 hours have passed since the customer last replied to this number.";

type Address = { readonly to?: string | undefined; readonly recipient?: string | undefined };

/**
 * `to` wins over `recipient`. Without the plus sign Meta prepends the calling code of the
 * business, so a forgotten plus reaches a stranger here too.
 */
function resolveAddress(number: PhoneNumber, message: OutboundMessage): Address {
  if (message.to === undefined) return { recipient: message.recipient };
  const digits = message.to.replaceAll(/\D/gu, "");
  return { to: message.to.startsWith("+") ? digits : `${callingCodeOf(number)}${digits}` };
}

function callingCodeOf(number: PhoneNumber): string {
  const match = /^\+(1|7|2[07]|3[0-46-9]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/u.exec(
    number.displayPhoneNumber,
  );
  return match?.[1] ?? "";
}

function isWindowOpen(
  world: World,
  pair: {
    readonly number: PhoneNumber;
    readonly customer: Customer | undefined;
    readonly message: OutboundMessage;
  },
): boolean {
  if (pair.message.type === "template" || world.settings.customerServiceWindow === "off")
    return true;
  if (pair.customer === undefined) return false;
  const lastMs = world.chats.lastFromCustomerMs(pair.number.phoneNumberId, pair.customer.id);
  return lastMs !== undefined && world.now() - lastMs < WINDOW_MS;
}

function findMissingMedia(world: World, message: OutboundMessage): string | undefined {
  const source = [
    message.type === "image" ? message.image : undefined,
    message.type === "video" ? message.video : undefined,
    message.type === "audio" ? message.audio : undefined,
    message.type === "document" ? message.document : undefined,
    message.type === "sticker" ? message.sticker : undefined,
  ].find((media) => media !== undefined);
  if (source?.id === undefined || world.media.find(source.id) !== undefined) return undefined;
  return source.id;
}

type Acceptance = {
  readonly number: PhoneNumber;
  readonly customer: Customer | undefined;
  readonly message: OutboundMessage;
  readonly body: unknown;
  readonly address: string;
};

function record(world: World, acceptance: Acceptance): SentMessage {
  const { number, customer, message, address } = acceptance;
  const content = describeOutbound(world.media, message);
  const id = createMessageId(address, "outbound");
  const replyToId = message.context?.message_id ?? null;
  const atMs = world.now();
  if (customer !== undefined) {
    const pair = { phoneNumberId: number.phoneNumberId, customerId: customer.id };
    world.typing.stop(pair);
    if (message.type === "reaction") {
      world.chats.change(message.reaction.message_id, (reacted) => {
        reacted.businessReaction = message.reaction.emoji === "" ? null : message.reaction.emoji;
      });
    } else {
      world.chats.add({ ...pair, message: { id, author: "business", atMs, content, replyToId } });
    }
  }
  return world.outbox.add({
    id,
    phoneNumberId: number.phoneNumberId,
    address: message.to ?? message.recipient ?? "",
    customerId: customer?.id ?? null,
    type: message.type,
    text: textOfContent(content),
    body: acceptance.body,
    callbackData: message.biz_opaque_callback_data ?? null,
    replyToId,
    atMs,
  });
}

function buildAnswer(
  message: OutboundMessage,
  sent: SentMessage,
  customer: Customer | undefined,
): JsonObject {
  const contact =
    message.to === undefined
      ? { input: sent.address, user_id: sent.address }
      : {
          input: sent.address,
          wa_id: customer?.phone?.slice(1) ?? sent.address.replaceAll(/\D/gu, ""),
        };
  return { messaging_product: "whatsapp", contacts: [contact], messages: [{ id: sent.id }] };
}
