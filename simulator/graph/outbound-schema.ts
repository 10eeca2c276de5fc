import { z } from "zod";

/**
 * What `POST /<phone number id>/messages` takes, with WhatsApp's limits. Lengths are counted in
 * UTF-16 units; Meta only says "characters", so this is the stricter reading.
 */

const text = z.strictObject({
  body: z.string().min(1).max(4096),
  preview_url: z.boolean().optional(),
});

const mediaSource = {
  id: z.string().min(1).optional(),
  link: z.url({ protocol: /^https?$/ }).optional(),
};
const hasSource = (media: { id?: string | undefined; link?: string | undefined }) =>
  (media.id === undefined) !== (media.link === undefined);
const oneSource = { message: "exactly one of id and link is required" };
const caption = z.string().max(1024).optional();
const image = z.strictObject({ ...mediaSource, caption }).refine(hasSource, oneSource);
const plain = z.strictObject(mediaSource).refine(hasSource, oneSource);
const document = z
  .strictObject({ ...mediaSource, caption, filename: z.string().max(240).optional() })
  .refine(hasSource, oneSource);

const textHeader = z.strictObject({ type: z.literal("text"), text: z.string().min(1).max(60) });
const header = z.discriminatedUnion("type", [
  textHeader,
  z.strictObject({ type: z.literal("image"), image: plain }),
  z.strictObject({ type: z.literal("video"), video: plain }),
  z.strictObject({ type: z.literal("document"), document }),
]);
const footer = z.strictObject({ text: z.string().min(1).max(60) }).optional();
const bodyUpTo = (length: number) => z.strictObject({ text: z.string().min(1).max(length) });

const button = z.strictObject({
  type: z.literal("reply"),
  reply: z.strictObject({ id: z.string().min(1).max(256), title: z.string().min(1).max(20) }),
});
const buttons = z
  .array(button)
  .min(1)
  .max(3)
  .refine((all) => isUnique(all.map(({ reply }) => reply.id)), {
    message: "button ids must be unique",
  })
  .refine((all) => isUnique(all.map(({ reply }) => reply.title)), {
    message: "button titles must be unique",
  });

const row = z.strictObject({
  id: z.string().min(1).max(200),
  title: z.string().min(1).max(24),
  description: z.string().max(72).optional(),
});
const sections = z
  .array(
    z.strictObject({ title: z.string().max(24).optional(), rows: z.array(row).min(1).max(10) }),
  )
  .min(1)
  .max(10)
  .refine((all) => all.flatMap(({ rows }) => rows).length <= 10, {
    message: "at most 10 rows in all",
  })
  .refine((all) => isUnique(all.flatMap(({ rows }) => rows.map(({ id }) => id))), {
    message: "row ids must be unique",
  })
  .refine(
    (all) => all.length === 1 || all.every(({ title }) => title !== undefined && title !== ""),
    {
      message: "every section needs a title when there are several",
    },
  );

const interactive = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("button"),
    header: header.optional(),
    body: bodyUpTo(1024),
    footer,
    action: z.strictObject({ buttons }),
  }),
  z.strictObject({
    type: z.literal("list"),
    header: textHeader.optional(),
    body: bodyUpTo(4096),
    footer,
    action: z.strictObject({ button: z.string().min(1).max(20), sections }),
  }),
  z.strictObject({
    type: z.literal("cta_url"),
    header: header.optional(),
    body: bodyUpTo(1024),
    footer,
    action: z.strictObject({
      name: z.literal("cta_url"),
      parameters: z.strictObject({
        display_text: z.string().min(1).max(20),
        url: z.url({ protocol: /^https?$/ }),
      }),
    }),
  }),
  z.strictObject({
    type: z.literal("location_request_message"),
    body: bodyUpTo(1024),
    action: z.strictObject({ name: z.literal("send_location") }),
  }),
  z.strictObject({
    type: z.literal("request_contact_info"),
    body: bodyUpTo(1024),
    action: z.strictObject({ name: z.literal("request_contact_info") }),
  }),
  z.strictObject({
    type: z.literal("flow"),
    header: header.optional(),
    body: bodyUpTo(1024),
    footer,
    action: z.strictObject({
      name: z.literal("flow"),
      parameters: z.looseObject({ flow_cta: z.string().min(1) }),
    }),
  }),
]);

const template = z.strictObject({
  name: z.string().min(1).max(512),
  language: z.strictObject({
    code: z.string().min(2),
    policy: z.literal("deterministic").optional(),
  }),
  components: z.array(z.looseObject({ type: z.string() })).optional(),
});

const common = {
  messaging_product: z.literal("whatsapp"),
  recipient_type: z.literal("individual").optional(),
  to: z.string().min(1).optional(),
  recipient: z.string().min(1).optional(),
  context: z.strictObject({ message_id: z.string().min(1) }).optional(),
  biz_opaque_callback_data: z.string().max(512).optional(),
};

/** Any message a business may send. */
export const outboundSchema = z.discriminatedUnion("type", [
  z.strictObject({ ...common, type: z.literal("text"), text }),
  z.strictObject({ ...common, type: z.literal("image"), image }),
  z.strictObject({ ...common, type: z.literal("video"), video: image }),
  z.strictObject({ ...common, type: z.literal("audio"), audio: plain }),
  z.strictObject({ ...common, type: z.literal("sticker"), sticker: plain }),
  z.strictObject({ ...common, type: z.literal("document"), document }),
  z.strictObject({ ...common, type: z.literal("interactive"), interactive }),
  z.strictObject({ ...common, type: z.literal("template"), template }),
  z.strictObject({
    ...common,
    type: z.literal("location"),
    location: z.strictObject({
      latitude: z.number(),
      longitude: z.number(),
      name: z.string().optional(),
      address: z.string().optional(),
    }),
  }),
  z.strictObject({
    ...common,
    type: z.literal("contacts"),
    contacts: z.array(z.looseObject({})).min(1),
  }),
  z.strictObject({
    ...common,
    type: z.literal("reaction"),
    reaction: z.strictObject({ message_id: z.string().min(1), emoji: z.string() }),
  }),
]);
export type OutboundMessage = z.infer<typeof outboundSchema>;

/** `status: "read"` with an optional typing indicator. */
export const readMarkSchema = z.strictObject({
  messaging_product: z.literal("whatsapp"),
  status: z.literal("read"),
  message_id: z.string().min(1),
  typing_indicator: z.strictObject({ type: z.literal("text") }).optional(),
});

function isUnique(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
