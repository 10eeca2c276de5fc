import type { JsonObject, MessageContent } from "#domain/webhook-event.ts";
import { parseInteractive } from "./parse-interactive.ts";
import { asList, omitKeys, readId, readObject, readObjects, readText } from "./read-json.ts";

/** What a message says, and whether there is anything in it that a bot could answer. */
export type ParsedContent = {
  readonly content: MessageContent;
  readonly answerable: boolean;
};

/**
 * Reads the part of a message that depends on its type. Meta puts it into an object named after
 * the type; `content.data` keeps that object with Meta's own names (without the text), and adds
 * `context`, `referral` and `errors` of the message where given.
 */
export function parseContent(message: JsonObject): ParsedContent {
  const type = findType(message);
  const read = CONTENT_READERS.get(type) ?? readUnknown;
  const { text, data, answerable } = read(readObject(message, type), message);
  const around = Object.fromEntries(
    Object.entries(message).filter(([key]) => SURROUNDINGS.includes(key)),
  );
  return { content: { type, text, data: { ...data, ...around } }, answerable };
}

/** What an object named after a message's type amounts to. */
export type ContentPart = {
  readonly text: string;
  readonly data: JsonObject;
  readonly answerable: boolean;
};

type ContentReader = (part: JsonObject, message: JsonObject) => ContentPart;

/** What Meta puts beside the object of the type: the quote, the advertisement, what went wrong. */
const SURROUNDINGS = ["context", "referral", "errors"];

/** A map rather than an object: a type called `constructor` must not find one. */
const CONTENT_READERS: ReadonlyMap<string, ContentReader> = new Map<string, ContentReader>([
  ["text", readTextMessage],
  ["image", readMedia],
  ["video", readMedia],
  ["audio", readMedia],
  ["document", readMedia],
  ["sticker", readMedia],
  ["location", readLocation],
  ["contacts", readContacts],
  ["order", readOrder],
  ["button", readTemplateButton],
  ["interactive", parseInteractive],
  ["reaction", readReaction],
  ["unsupported", readUnsupported],
]);

/** Meta's type; without one, the first known object that the message carries. */
function findType(message: JsonObject): string {
  const named = readId(message, "type");
  if (named !== undefined) return named;
  const known = Object.keys(message).find((key) => CONTENT_READERS.has(key));
  return known ?? "unknown";
}

function readTextMessage(part: JsonObject): ContentPart {
  const text = readText(part, "body");
  return { text: text ?? "", data: omitKeys(part, ["body"]), answerable: text !== undefined };
}

/** A file wants an answer even if Meta could not hand it over, as with one above 100 MB. */
function readMedia(part: JsonObject): ContentPart {
  const text = readText(part, "caption") ?? "";
  return { text, data: omitKeys(part, ["caption"]), answerable: true };
}

function readLocation(part: JsonObject): ContentPart {
  const place = joinKnown([readText(part, "name"), readText(part, "address")]);
  const latitude = part["latitude"];
  const longitude = part["longitude"];
  const hasPoint = typeof latitude === "number" && typeof longitude === "number";
  const words = [place, hasPoint ? `(${latitude}, ${longitude})` : ""].filter(
    (word) => word !== "",
  );
  const text = words.length === 0 ? "" : `Location: ${words.join(" ")}`;
  return { text, data: part, answerable: text !== "" };
}

function readContacts(_part: JsonObject, message: JsonObject): ContentPart {
  const contacts = asList(message["contacts"]) ?? [];
  const names = readObjects(message, "contacts").map(nameContact);
  const text = names.length === 0 ? "" : `Contacts: ${names.join(", ")}`;
  return { text, data: { contacts }, answerable: contacts.length > 0 };
}

function nameContact(contact: JsonObject): string {
  const name = readObject(contact, "name");
  return (
    readText(name, "formatted_name") ??
    readText(name, "first_name") ??
    readObjects(contact, "phones").map((phone) => readText(phone, "phone"))[0] ??
    "without a name"
  );
}

function readOrder(part: JsonObject): ContentPart {
  const items = readObjects(part, "product_items").map(describeOrderItem);
  const lines = [
    items.length === 0 ? undefined : `Order: ${items.join("; ")}`,
    readText(part, "text"),
  ];
  const text = lines.filter((line) => line !== undefined).join("\n");
  return { text, data: part, answerable: text !== "" };
}

function describeOrderItem(item: JsonObject): string {
  const quantity = readId(item, "quantity") ?? "1";
  const product = readText(item, "product_retailer_id") ?? "unknown product";
  const price = item["item_price"];
  const isPriced = typeof price === "number" || typeof price === "string";
  const currency = readText(item, "currency") ?? "";
  return `${quantity} × ${product}${isPriced ? ` at ${`${price} ${currency}`.trim()}` : ""}`;
}

function readTemplateButton(part: JsonObject): ContentPart {
  const text = readText(part, "text") ?? readText(part, "payload") ?? "";
  return { text, data: part, answerable: text !== "" };
}

/** A removed reaction has an empty emoji or none. Either way there is nothing to answer. */
function readReaction(part: JsonObject): ContentPart {
  return { text: readText(part, "emoji") ?? "", data: part, answerable: false };
}

/** Things that Meta does not hand over and in which somebody has said something. */
const UNSUPPORTED_AND_SAID = [
  "poll_creation",
  "gif",
  "link_preview",
  "group_invite",
  "event_creation",
  "event",
  "list",
  "product",
  "view_once",
];

/** The person's message could not be fetched by Meta: they are asked to send it again. */
const MESSAGE_UNAVAILABLE = 131_060;

/**
 * What Meta does not hand over gets a polite word, where surely somebody said something. Not edits,
 * pins and the like, and not what comes without a kind: messages of another business's program arrive so,
 * and two programs that excuse themselves would never end.
 */
function readUnsupported(part: JsonObject, message: JsonObject): ContentPart {
  const read = readUnknown(part, message);
  const isUnavailable = readObjects(message, "errors").some(
    (error) => readId(error, "code") === String(MESSAGE_UNAVAILABLE),
  );
  const kind = readId(part, "type") ?? "";
  return {
    ...read,
    answerable: read.answerable || isUnavailable || UNSUPPORTED_AND_SAID.includes(kind),
  };
}

/**
 * Types that Meta marks `unsupported` (after a look at their kind), and those that came after this was written. Most have no
 * words at all; where there are some, the person said something and deserves an answer.
 */
function readUnknown(part: JsonObject, message: JsonObject): ContentPart {
  const text =
    readText(readObject(message, "text"), "body") ??
    readText(part, "body") ??
    readText(part, "text") ??
    readText(part, "caption");
  return { text: text ?? "", data: part, answerable: text !== undefined };
}

function joinKnown(texts: readonly (string | undefined)[]): string {
  return texts.filter((text) => text !== undefined).join(", ");
}
