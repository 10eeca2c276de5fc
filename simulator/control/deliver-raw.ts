import { z } from "zod";
import { serializeLikeMeta } from "../serialize-like-meta.ts";
import type { Delivery } from "../webhook-sender.ts";
import type { World } from "../world.ts";

/** A webhook that a test composes itself. */
export const rawDeliverySchema = z.strictObject({
  /** A text is sent byte by byte; anything else is written as Meta writes JSON. */
  payload: z.unknown(),
  /** Instead of the right signature; null sends none. */
  signature: z.string().nullable().optional(),
  /** One by default: a refused body is often what the test is about. */
  attemptsMax: z.int().min(1).default(1),
  url: z.string().optional(),
});
export type RawDelivery = z.input<typeof rawDeliverySchema>;

/** Delivers it and resolves with what the business answered. */
export function deliverRaw(world: World, raw: RawDelivery): Promise<Delivery> {
  const { settled } = world.webhooks.deliver({
    kind: "raw",
    messageIds: [],
    body: typeof raw.payload === "string" ? raw.payload : serializeLikeMeta(raw.payload),
    url: raw.url ?? world.settings.webhookUrl,
    appSecret: world.settings.appSecret,
    signature: raw.signature,
    attemptsMax: raw.attemptsMax ?? 1,
  });
  return settled;
}
