/** What a message other than text is called in the notes of a prompt, by Meta's type. */
export const MEDIA_WORDS: Readonly<Record<string, string>> = {
  image: "a picture",
  video: "a video",
  audio: "a voice message",
  document: "a document",
  sticker: "a sticker",
  location: "a location",
  contacts: "a contact card",
  order: "an order",
  template: "a template message",
};

/** For types that came after this was written, and for those that Meta does not hand over. */
export const OTHER_WORD = "a message of a kind that cannot be shown";

/** How a note about a customer's message begins. */
export const CUSTOMER_SENT = "[The customer sent ";
