import type { OutboundMessageId } from "./ids.ts";

/**
 * Who wrote to us. Either part may be missing and either may change (facts: since 2026 people with
 * a username have no phone number in the webhook).
 */
export type Person = {
  /** Digits of the WhatsApp id, without a plus sign: `15551234567`. */
  readonly phone?: string;
  /** Business-scoped user id, such as `US.13491208655302741918`. */
  readonly userId?: string;
  readonly parentUserId?: string;
  readonly profileName?: string;
  readonly username?: string;
};

/**
 * What a person sent, in our own words. `text` is what a model may read; `data` keeps the rest of
 * Meta's object (media id, coordinates, form answers), already free of characters that PostgreSQL
 * cannot store.
 */
export type MessageContent = {
  /** Meta's type: text, image, audio, document, interactive, button, location, order, … */
  readonly type: string;
  /** The text, caption, button title or transcript; empty when there is none. */
  readonly text: string;
  readonly data: JsonObject;
};

/** What JSON can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
/** A JSON object. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** A message of a person that may deserve an answer. */
export type InboundMessage = {
  readonly kind: "message";
  readonly whatsappMessageId: string;
  readonly sender: Person;
  readonly sentAt: Date;
  readonly content: MessageContent;
  /** The message that this one replies to, if the person quoted one. */
  readonly repliesTo?: string;
  /** Meta's id of the group that it was written in; absent for a conversation with one person. */
  readonly groupId?: string;
  /**
   * Whether the bot answers. False for what is only recorded: reactions, system notices,
   * messages of a group, types without anything to answer.
   */
  readonly wantsAnswer: boolean;
};

/** The business's own person answered from the WhatsApp app on the phone: the bot must pause. */
export type HumanEcho = {
  readonly kind: "echo";
  readonly whatsappMessageId: string;
  readonly recipient: Person;
  readonly sentAt: Date;
  readonly content: MessageContent;
};

/** The steps of a message's delivery, in their order; `failed` is final. */
export type DeliveryStatusName = "sent" | "delivered" | "read" | "played" | "failed";

/** What Meta says of a message that we sent. */
export type DeliveryStatus = {
  readonly kind: "status";
  readonly whatsappMessageId: string;
  readonly status: DeliveryStatusName;
  readonly occurredAt: Date;
  /** Our own id, when the message was sent by Parley. */
  readonly outboundMessageId?: OutboundMessageId;
  readonly errorCode?: number;
  readonly errorTitle?: string;
  /** Meta's pricing category (`service`, `utility`, `marketing`, …) and whether it is charged. */
  readonly pricingCategory?: string;
  readonly billable?: boolean;
  /** Meta's pricing type: `regular`, `free_customer_service` or `free_entry_point`. */
  readonly pricingType?: string;
};

/** A person changed number or user id: both names mean one contact from now on. */
export type IdentityChange = {
  readonly kind: "identity-change";
  readonly whatsappMessageId?: string;
  readonly previous: Person;
  readonly current: Person;
  readonly occurredAt: Date;
};

/** A person edited or deleted an earlier message. */
export type MessageChange =
  | {
      readonly kind: "edit";
      readonly whatsappMessageId: string;
      readonly originalMessageId: string;
      readonly sender: Person;
      readonly content: MessageContent;
      readonly occurredAt: Date;
    }
  | {
      readonly kind: "revoke";
      readonly whatsappMessageId: string;
      readonly originalMessageId: string;
      readonly sender: Person;
      readonly occurredAt: Date;
    };

/** Something in a webhook that Parley acts upon. */
export type WebhookEvent =
  | InboundMessage
  | HumanEcho
  | DeliveryStatus
  | IdentityChange
  | MessageChange;

/**
 * One `change` of Meta's envelope: what it means to us, and the raw payload for `webhook_events`.
 * `events` is empty for fields and shapes that we only record.
 */
export type WebhookChange = {
  /** Absent for account and template fields, which have no metadata. */
  readonly phoneNumberId?: string;
  /** Meta's field name: `messages`, `smb_message_echoes`, `history`, …; `unknown` if missing. */
  readonly field: string;
  /** Id of the WhatsApp business account (`entry[].id`), if given. */
  readonly businessAccountId?: string;
  readonly events: readonly WebhookEvent[];
  /** The change as received, free of NUL characters, lone surrogates and bottomless nesting. */
  readonly payload: JsonValue;
};
