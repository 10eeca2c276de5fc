import type { AgentAnswer } from "#domain/conversation.ts";
import { type OutboundContent, type OutboundShape, WHATSAPP_LIMITS } from "#domain/outbound.ts";
import { renderWhatsAppText } from "#providers/whatsapp/render-markdown.ts";
import { splitEnd } from "#providers/whatsapp/split-end.ts";
import { splitText } from "#providers/whatsapp/split-text.ts";

/** What a reply is made of: the answer's words and what goes with them. */
export type ReplyParts = Pick<AgentAnswer, "text"> &
  Partial<Pick<AgentAnswer, "shape" | "attachments">>;

/**
 * The messages of a reply, in the order in which they are sent. As few as possible, since each is
 * billed: a single attachment takes a short text as its caption, buttons and the like take it as their
 * body. What offers something to tap comes last, where the person looks; when the text is too long for
 * its body, the end of the text becomes the body and the rest goes before.
 */
export function composeReply(parts: ReplyParts): readonly OutboundContent[] {
  const { shape = null, attachments = [] } = parts;
  const text = renderWhatsAppText(parts.text).trim();
  if (text === "") return attachments;
  if (shape !== null) {
    const { before, end } = splitEnd(text, bodyMax(shape));
    return [...texts(before), ...attachments, withBody(shape, end)];
  }
  const [first, ...others] = attachments;
  if (first !== undefined && first.caption === null && text.length <= WHATSAPP_LIMITS.caption)
    return [{ ...first, caption: text }, ...others];
  return [...texts(text), ...attachments];
}

function texts(text: string): readonly OutboundContent[] {
  return splitText(text).map((body) => ({ type: "text", body }));
}

function bodyMax(shape: OutboundShape): number {
  return shape.type === "list" ? WHATSAPP_LIMITS.listBody : WHATSAPP_LIMITS.shapeBody;
}

function withBody(shape: OutboundShape, body: string): OutboundContent {
  // Spread apart by kind: a spread union is no union any more.
  switch (shape.type) {
    case "buttons":
      return { ...shape, body };
    case "list":
      return { ...shape, body };
    case "link":
      return { ...shape, body };
    case "location-request":
      return { ...shape, body };
  }
}
