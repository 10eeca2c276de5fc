import type { Customer, PhoneNumber } from "./directory.ts";

/** Any JSON object of a webhook. */
export type JsonObject = { readonly [key: string]: unknown };

/** The outer form of every webhook of one business number. */
export function buildEnvelope(
  number: PhoneNumber,
  change: { field: string; value: JsonObject },
): JsonObject {
  return {
    object: "whatsapp_business_account",
    entry: [
      {
        id: number.accountId,
        changes: [
          {
            value: {
              messaging_product: "whatsapp",
              metadata: {
                display_phone_number: number.displayPhoneNumber.slice(1),
                phone_number_id: number.phoneNumberId,
              },
              ...change.value,
            },
            field: change.field,
          },
        ],
      },
    ],
  };
}

/** The `contacts[]` entry that introduces a person; what the person hides is omitted, not empty. */
export function buildContact(customer: Customer): JsonObject {
  return {
    ...(customer.name === null && customer.username === null
      ? {}
      : {
          profile: {
            ...(customer.name === null ? {} : { name: customer.name }),
            ...(customer.username === null ? {} : { username: customer.username }),
          },
        }),
    ...(customer.phone === null ? {} : { wa_id: customer.phone.slice(1) }),
    ...(customer.userId === null ? {} : { user_id: customer.userId }),
  };
}

/** The sender's fields of a `messages[]` entry. */
export function buildSender(customer: Customer): JsonObject {
  return {
    ...(customer.phone === null ? {} : { from: customer.phone.slice(1) }),
    ...(customer.userId === null ? {} : { from_user_id: customer.userId }),
  };
}

/** Meta writes times as a string of seconds. */
export function toTimestamp(atMs: number): string {
  return String(Math.floor(atMs / 1000));
}
