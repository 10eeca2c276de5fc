import { z } from "zod";
import { createMessageId } from "../create-message-id.ts";
import { customerInputSchema, type Customer, type PhoneNumber } from "../directory.ts";
import { buildContact, buildEnvelope, toTimestamp, type JsonObject } from "../envelope.ts";
import { serializeLikeMeta } from "../serialize-like-meta.ts";
import type { Delivery, StartedDelivery } from "../webhook-sender.ts";
import type { World } from "../world.ts";
import { buildMessage, type BuiltMessage } from "./build-message.ts";
import { customerContentSchema, type CustomerContent } from "./content.ts";

/** One thing a customer does. */
export const customerSendSchema = z.strictObject({
  phoneNumberId: z.string().min(1),
  /** Id of a known customer, or a description of a new one. */
  customer: z.union([z.string().min(1), customerInputSchema]),
  content: customerContentSchema,
  /** Message id that this one quotes. */
  replyToId: z.string().optional(),
  /** Click-to-WhatsApp advertisement. */
  referral: z.looseObject({}).optional(),
  /** Name this message id instead of a new one, for example to deliver a message again. */
  messageId: z.string().optional(),
});
export type CustomerSend = z.infer<typeof customerSendSchema>;

/** What became of it. */
export type CustomerSent = {
  /** One id per message, in the order given. */
  readonly messageIds: readonly string[];
  /** Resolves when the business has answered 200, or the simulator gave up (reset, close). */
  readonly acknowledged: Promise<Delivery>;
};

type Prepared = { readonly customer: Customer; readonly built: BuiltMessage; readonly id: string };

/**
 * Lets customers write: one signed webhook with all the messages, as Meta batches them. All of
 * them go to the number of the first. Throws a ZodError or Error for input that makes no sense.
 */
export function customerSends(world: World, inputs: readonly CustomerSend[]): CustomerSent {
  const [first] = inputs;
  if (first === undefined) throw new Error("Nothing to send.");
  const number =
    world.directory.findNumber(first.phoneNumberId) ??
    world.directory.putNumber({ phoneNumberId: first.phoneNumberId });
  const prepared = inputs.map((input) => prepare(world, number, input));
  const contacts = new Map(
    prepared
      .filter(({ built }) => built.withoutContact !== true)
      .map(({ customer }) => [customer.id, buildContact(customer)]),
  );
  const messageIds = prepared.map(({ id }) => id);
  const { settled: acknowledged } = deliver(world, {
    number,
    kind: "message",
    messageIds,
    payload: buildEnvelope(number, {
      field: "messages",
      value: {
        ...(contacts.size === 0 ? {} : { contacts: [...contacts.values()] }),
        messages: prepared.map(({ built }) => built.message),
      },
    }),
  });
  return { messageIds, acknowledged };
}

/** A person answers from the business's own phone: Meta echoes it to the webhook. */
export function businessPhoneSends(
  world: World,
  input: { readonly phoneNumberId: string; readonly customerId: string; readonly text: string },
): CustomerSent {
  const number = world.directory.findNumber(input.phoneNumberId);
  const customer = world.directory.findCustomer(input.customerId);
  if (number === undefined || customer === undefined)
    throw new Error("Unknown number or customer.");
  const id = createMessageId(addressOf(customer), "outbound");
  const atMs = world.now();
  world.chats.add({
    phoneNumberId: number.phoneNumberId,
    customerId: customer.id,
    message: { id, author: "business-phone", atMs, content: { type: "text", text: input.text } },
  });
  const echo = {
    from: number.displayPhoneNumber.slice(1),
    ...(customer.phone === null ? {} : { to: customer.phone.slice(1) }),
    ...(customer.userId === null ? {} : { to_user_id: customer.userId }),
    id,
    timestamp: toTimestamp(atMs),
    type: "text",
    text: { body: input.text },
  };
  const { settled: acknowledged } = deliver(world, {
    number,
    kind: "echo",
    messageIds: [id],
    payload: buildEnvelope(number, {
      field: "smb_message_echoes",
      value: { message_echoes: [echo] },
    }),
  });
  return { messageIds: [id], acknowledged };
}

/** A webhook that is ready but for signing. */
export type NumberDelivery = {
  readonly number: PhoneNumber;
  readonly kind: Delivery["kind"];
  readonly messageIds: readonly string[];
  readonly payload: JsonObject;
};

/** Signs and delivers to wherever the number's webhooks go. */
export function deliver(world: World, delivery: NumberDelivery): StartedDelivery {
  return world.webhooks.deliver({
    kind: delivery.kind,
    messageIds: delivery.messageIds,
    body: serializeLikeMeta(delivery.payload),
    url: delivery.number.webhookUrl ?? world.settings.webhookUrl,
    appSecret: delivery.number.appSecret ?? world.settings.appSecret,
  });
}

function prepare(world: World, number: PhoneNumber, input: CustomerSend): Prepared {
  const { phoneNumberId } = number;
  const customer =
    typeof input.customer === "string"
      ? world.directory.findCustomer(input.customer)
      : world.directory.putCustomer(input.customer);
  if (customer === undefined)
    throw new Error(`There is no customer ${JSON.stringify(input.customer)}.`);
  const id = input.messageId ?? createMessageId(addressOf(customer), "inbound");
  const atMs = world.now();
  const context =
    input.replyToId === undefined
      ? undefined
      : { from: number.displayPhoneNumber.slice(1), id: input.replyToId };
  const built = buildMessage(
    world.media,
    { id, customer, atMs, context, referral: input.referral },
    input.content,
  );
  applyToPhone(world, input.content);
  if (built.bubble !== undefined && world.chats.find(id) === undefined) {
    world.chats.add({
      phoneNumberId,
      customerId: customer.id,
      message: {
        id,
        author: built.withoutContact === true ? "system" : "customer",
        atMs,
        content: built.bubble,
        replyToId: input.replyToId ?? null,
        tick: "pending",
      },
    });
  }
  changeIdentity(world, customer, input.content);
  return { customer, built, id };
}

/** What the customer's own phone shows of a reaction, an edit or a deletion. */
function applyToPhone(world: World, content: CustomerContent): void {
  if (content.type === "reaction") {
    world.chats.change(content.messageId, (message) => {
      message.customerReaction = content.emoji ?? null;
    });
  } else if (content.type === "edit") {
    world.chats.change(content.messageId, (message) => {
      message.content = { type: "text", text: content.text };
      message.edited = true;
    });
  } else if (content.type === "revoke") {
    world.chats.change(content.messageId, (message) => {
      message.content = { type: "note", text: "You deleted this message" };
    });
  }
}

function changeIdentity(world: World, customer: Customer, content: CustomerContent): void {
  if (content.type !== "number-changed" && content.type !== "user-id-changed") return;
  const phone = content.type === "number-changed" ? content.phone : (customer.phone ?? undefined);
  world.directory.putCustomer({
    id: customer.id,
    name: customer.name ?? undefined,
    username: customer.username ?? undefined,
    phone,
    userId: content.userId ?? customer.userId ?? undefined,
  });
}

function addressOf(customer: Customer): string {
  return customer.phone?.slice(1) ?? customer.userId ?? customer.id;
}
