import type { OutboundContent } from "#domain/outbound.ts";
import type { JsonObject } from "#domain/webhook-event.ts";

/** A sent message as the history keeps it. */
export type SentDescription = {
  /** Meta's type. */
  readonly type: string;
  /** Its words: the text, the body or the caption. */
  readonly content: string;
  readonly data: JsonObject;
};

/**
 * How the history keeps what was sent: Meta's type, the words that the person read, and in `data` what
 * there was besides (`shape` for buttons, lists, links and location requests). Only Meta knows what a
 * template says, so its name and parameters stand for it.
 */
export function describeSent(sent: OutboundContent): SentDescription {
  switch (sent.type) {
    case "text":
      return { type: "text", content: sent.body, data: {} };
    case "buttons":
    case "list":
    case "link":
    case "location-request": {
      const { body, ...shape } = sent;
      return { type: "interactive", content: body, data: { shape } };
    }
    case "image":
      return { type: "image", content: sent.caption ?? "", data: { ...sent.media } };
    case "document": {
      const { media, filename, caption } = sent;
      return { type: "document", content: caption ?? "", data: { ...media, filename } };
    }
    case "template": {
      const { type, ...data } = sent;
      const content = [sent.name, sent.parameters.join(", ")].filter(Boolean).join(": ");
      return { type, content, data };
    }
  }
}
