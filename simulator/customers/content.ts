import { z } from "zod";

const fileSchema = {
  /** The file's bytes in base64; a small built-in sample when missing. */
  base64: z.string().optional(),
  mimeType: z.string().optional(),
  caption: z.string().optional(),
  filename: z.string().optional(),
};

/** Everything a customer can do in a chat, in our own words. */
export const customerContentSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: z.string() }),
  z.strictObject({ type: z.literal("image"), ...fileSchema }),
  z.strictObject({ type: z.literal("video"), ...fileSchema }),
  z.strictObject({
    type: z.literal("audio"),
    voice: z.boolean().optional(),
    /** What is said: the simulator's transcription hears it. Only without a file. */
    says: z.string().min(1).max(5_000).optional(),
    ...fileSchema,
  }),
  z.strictObject({ type: z.literal("document"), ...fileSchema }),
  z.strictObject({ type: z.literal("sticker"), ...fileSchema }),
  z.strictObject({
    type: z.literal("location"),
    latitude: z.number(),
    longitude: z.number(),
    name: z.string().optional(),
    address: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("contacts"), contacts: z.array(z.looseObject({})) }),
  z.strictObject({ type: z.literal("button-reply"), id: z.string(), title: z.string() }),
  z.strictObject({
    type: z.literal("list-reply"),
    id: z.string(),
    title: z.string(),
    description: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("template-button"), text: z.string(), payload: z.string() }),
  z.strictObject({ type: z.literal("flow-reply"), response: z.looseObject({}) }),
  /** Without an emoji the reaction is taken back. */
  z.strictObject({
    type: z.literal("reaction"),
    messageId: z.string(),
    emoji: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("edit"), messageId: z.string(), text: z.string() }),
  z.strictObject({ type: z.literal("revoke"), messageId: z.string() }),
  z.strictObject({ type: z.literal("unsupported"), kind: z.string().optional() }),
  z.strictObject({
    type: z.literal("number-changed"),
    phone: z.string().regex(/^\+[1-9]\d{5,14}$/),
    userId: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("user-id-changed"), userId: z.string() }),
  /** A `messages[]` entry as is, over the usual sender, id and time. */
  z.strictObject({ type: z.literal("meta"), message: z.looseObject({}) }),
]);
export type CustomerContent = z.infer<typeof customerContentSchema>;
