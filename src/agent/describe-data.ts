import { z } from "zod";
import type { HistoryEntry } from "#domain/conversation.ts";
import { CUSTOMER_SENT, MEDIA_WORDS, OTHER_WORD } from "#domain/media-words.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import { toDataBlock } from "./to-data-block.ts";

/**
 * A customer's message that Meta delivers as an object: its words as a data block, with what a model may
 * need and in plain names. Null for plain words, and for what cannot be understood.
 */
export function describeData(entry: HistoryEntry): string | null {
  const data = entry.data ?? {};
  switch (entry.type) {
    case "location":
      return describeLocation(data);
    case "contacts":
      return describeContacts(data);
    case "order":
      return describeOrder(data);
    case "interactive":
      return describeReply(data);
    case "button":
      return describeTemplateButton(data);
    case "unsupported":
      return `${CUSTOMER_SENT}${OTHER_WORD}. Say politely that you cannot see it and ask them to write it, or to send it again.]`;
    default:
      return null;
  }
}

/** Longer lists are cut: a model needs no address book, and a customer may send one. */
const CONTACTS_MAX = 10;
const ORDER_ITEMS_MAX = 50;

const Text = z.string().min(1).optional().catch(undefined);
const NumberOrText = z.union([z.number(), z.string()]).optional().catch(undefined);

const Location = z.object({
  latitude: z.number(),
  longitude: z.number(),
  name: Text,
  address: Text,
});

function describeLocation(data: JsonObject): string | null {
  const location = Location.safeParse(data).data;
  if (location === undefined) return null;
  return withNote(MEDIA_WORDS["location"], { location: compact(location) });
}

const Contact = z
  .object({
    name: z.object({ formatted_name: Text, first_name: Text }).optional().catch(undefined),
    phones: z.array(z.object({ phone: Text, type: Text })).catch([]),
    emails: z.array(z.object({ email: Text })).catch([]),
    org: z.object({ company: Text }).optional().catch(undefined),
  })
  .transform(({ name, phones, emails, org }) =>
    compact({
      name: name?.formatted_name ?? name?.first_name,
      phones: phones.map(({ phone }) => phone).filter((phone) => phone !== undefined),
      emails: emails.map(({ email }) => email).filter((email) => email !== undefined),
      company: org?.company,
    }),
  );

function describeContacts(data: JsonObject): string | null {
  const contacts = z.array(Contact).safeParse(data["contacts"]).data;
  if (contacts === undefined || contacts.length === 0) return null;
  return withNote(contacts.length === 1 ? MEDIA_WORDS["contacts"] : "contact cards", {
    contacts: contacts.slice(0, CONTACTS_MAX),
  });
}

const Order = z.object({
  text: Text,
  product_items: z
    .array(
      z.object({
        product_retailer_id: Text,
        quantity: NumberOrText,
        item_price: NumberOrText,
        currency: Text,
      }),
    )
    .min(1),
});

function describeOrder(data: JsonObject): string | null {
  const order = Order.safeParse(data).data;
  if (order === undefined) return null;
  const items = order.product_items.slice(0, ORDER_ITEMS_MAX).map((item) =>
    compact({
      product: item.product_retailer_id,
      quantity: item.quantity,
      price: item.item_price,
      currency: item.currency,
    }),
  );
  return withNote(MEDIA_WORDS["order"], { order: compact({ items, note: order.text }) });
}

const Reply = z.object({ type: z.string(), id: Text, title: Text, description: Text });
const Form = z.object({ type: z.literal("nfm_reply"), name: Text, response: z.json() });
const FORM_BOOKKEEPING = new Set(["flow_token", "wa_flow_response_params"]);

/** A tapped button or row, or the answers of a form (a WhatsApp flow). */
function describeReply(data: JsonObject): string | null {
  const form = Form.safeParse(data).data;
  if (form !== undefined) {
    const answers = z.record(z.string(), z.json()).safeParse(form.response).data;
    const kept = Object.entries(answers ?? {}).filter(([key]) => !FORM_BOOKKEEPING.has(key));
    if (kept.length === 0) return null;
    return `[The customer filled in a form]\n${toDataBlock({ form: compact({ name: form.name, answers: Object.fromEntries(kept) }) })}`;
  }
  const reply = Reply.safeParse(data).data;
  if (reply?.title === undefined) return null;
  const { id, title, description } = reply;
  if (reply.type === "list_reply")
    return `[The customer chose from the list]\n${toDataBlock({ choice: compact({ title, description, id }) })}`;
  return `[The customer tapped a button]\n${toDataBlock({ button: compact({ title, id }) })}`;
}

function describeTemplateButton(data: JsonObject): string | null {
  const button = z.object({ text: Text, payload: Text }).safeParse(data).data;
  const title = button?.text ?? button?.payload;
  if (title === undefined) return null;
  return `[The customer tapped a button]\n${toDataBlock({ button: compact({ title, id: button?.payload }) })}`;
}

function withNote(name: string | undefined, value: JsonObject): string {
  return `${CUSTOMER_SENT}${name ?? OTHER_WORD}]\n${toDataBlock(value)}`;
}

/** Without what is not known. */
function compact(value: Readonly<Record<string, JsonObject[string] | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) =>
      part === undefined || (Array.isArray(part) && part.length === 0) ? [] : [[key, part]],
    ),
  );
}
