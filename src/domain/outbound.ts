import { z } from "zod";

/** Where a message goes: the phone number when we know it, otherwise the business-scoped user id. */
export type Recipient = { readonly phone: string } | { readonly userId: string };

/**
 * WhatsApp's limits for what is sent, in characters where not said otherwise. Meta does not say which
 * characters, so all are counted as UTF-16 units, the strictest reading. Source: Meta's pages on text,
 * reply buttons, interactive lists, call-to-action links, location requests and media.
 */
export const WHATSAPP_LIMITS = {
  textBody: 4_096,
  /** Of buttons, links and location requests. */
  shapeBody: 1_024,
  listBody: 4_096,
  caption: 1_024,
  /** How many. */
  buttons: 3,
  buttonTitle: 20,
  buttonId: 256,
  /** How many, in all sections together. */
  listRows: 10,
  rowTitle: 24,
  rowDescription: 72,
  rowId: 200,
  /** Of the button that opens a list. */
  listButton: 20,
  linkLabel: 20,
  /** Of a document's name on the person's phone; our own, Meta names none. */
  filename: 240,
} as const;

const Text = z.object({ type: z.literal("text"), body: z.string() }).readonly();

const Button = z.object({ id: z.string(), title: z.string() }).readonly();

/**
 * What each row of a list holds. The id comes back with the tap; ids and titles are unique within
 * their list, as they are among buttons.
 */
const Row = z
  .object({ id: z.string(), title: z.string(), description: z.string().nullable() })
  .readonly();

const Buttons = z.object({ type: z.literal("buttons"), buttons: z.array(Button).readonly() });
const List = z.object({
  type: z.literal("list"),
  /** What stands on the button that opens it. */
  button: z.string(),
  rows: z.array(Row).readonly(),
});
const Link = z.object({
  type: z.literal("link"),
  /** What stands on the button. */
  label: z.string(),
  /** http or https. */
  url: z.string(),
});
const LocationRequest = z.object({ type: z.literal("location-request") });

/**
 * What a message offers besides its words: up to three buttons that are answered with a tap, a list of
 * up to ten rows, one button that opens a web page, or a button that sends the person's location.
 * A message has one of them at most. Lengths are in `WHATSAPP_LIMITS`.
 */
export const OutboundShape = z.discriminatedUnion("type", [
  Buttons.readonly(),
  List.readonly(),
  Link.readonly(),
  LocationRequest.readonly(),
]);
export type OutboundShape = z.infer<typeof OutboundShape>;

/** A file at Meta: the id of an upload, valid for 30 days at one number, or a public address. */
const Media = z.union([
  z.object({ id: z.string() }).readonly(),
  z.object({ link: z.string() }).readonly(),
]);

const Image = z.object({
  type: z.literal("image"),
  media: Media,
  /** WhatsApp markup, up to 1,024 characters; null for none. */
  caption: z.string().nullable(),
});
const Document = z.object({
  type: z.literal("document"),
  media: Media,
  filename: z.string(),
  /** WhatsApp markup, up to 1,024 characters; null for none. */
  caption: z.string().nullable(),
});

/** A picture (JPEG or PNG up to 5 MB) or a document (PDF, Office or plain text up to 100 MB). */
export const OutboundAttachment = z.discriminatedUnion("type", [
  Image.readonly(),
  Document.readonly(),
]);
export type OutboundAttachment = z.infer<typeof OutboundAttachment>;

/**
 * A message that Meta has approved beforehand: the only kind that may be sent when the person's last
 * message is older than 24 hours.
 */
const Template = z.object({
  type: z.literal("template"),
  name: z.string(),
  /** Such as `en` or `pt_BR`. */
  language: z.string(),
  /** What its body's placeholders `{{1}}`, `{{2}}`, … stand for, in this order. */
  parameters: z.array(z.string()).readonly(),
});

const body = z.string();

/**
 * One WhatsApp message, ready to be sent. Bodies and captions are WhatsApp markup; how long they may be
 * is in `WHATSAPP_LIMITS`.
 */
export const OutboundContent = z.discriminatedUnion("type", [
  Text,
  Buttons.extend({ body }).readonly(),
  List.extend({ body }).readonly(),
  Link.extend({ body }).readonly(),
  LocationRequest.extend({ body }).readonly(),
  Image.readonly(),
  Document.readonly(),
  Template.readonly(),
]);
export type OutboundContent = z.infer<typeof OutboundContent>;

/**
 * A WhatsApp number and the sealed-off right to send from it. The token lives in memory only while
 * a turn needs it and never reaches a log.
 */
export type WhatsAppSender = {
  readonly phoneNumberId: string;
  readonly accessToken: string;
};
