/** Where a message goes: the phone number when we know it, otherwise the business-scoped user id. */
export type Recipient = { readonly phone: string } | { readonly userId: string };

/** One WhatsApp text message, ready to be sent: at most 4,096 UTF-16 units, WhatsApp markup. */
export type OutboundText = {
  readonly type: "text";
  readonly body: string;
};

/** The shapes that Parley sends to a person. */
export type OutboundContent = OutboundText;

/**
 * A WhatsApp number and the sealed-off right to send from it. The token lives in memory only while
 * a turn needs it and never reaches a log.
 */
export type WhatsAppSender = {
  readonly phoneNumberId: string;
  readonly accessToken: string;
};
