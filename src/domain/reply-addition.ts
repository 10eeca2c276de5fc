import { z } from "zod";
import { OutboundAttachment, OutboundShape } from "./outbound.ts";

/**
 * What a tool adds to the reply: it is the tool's result, so the model reads it too. The tool itself
 * sends nothing.
 */
export const ReplyAddition = z.object({
  /** Tells the model what will be sent. */
  note: z.string(),
  shape: OutboundShape.nullable(),
  attachment: OutboundAttachment.nullable(),
  /** What the shape has no room for: the reply's text must say it. */
  inWords: z.array(z.string()).readonly(),
});
export type ReplyAddition = z.infer<typeof ReplyAddition>;

/** What a chatbot may send besides words. */
export const REPLY_SHAPES = ["options", "link", "location", "files"] as const;
export type ReplyShapeName = (typeof REPLY_SHAPES)[number];

/** What a chatbot sends besides words unless its settings say otherwise: what shows nothing new. */
const REPLY_SHAPES_DEFAULT: readonly ReplyShapeName[] = ["options", "link"];

/** The setting `shapes` of a chatbot, as it is stored; null or unreadable is the default. */
export const ReplyShapes = z
  .array(z.enum(REPLY_SHAPES))
  .readonly()
  .nullable()
  .catch(null)
  .transform((shapes) => shapes ?? REPLY_SHAPES_DEFAULT);
