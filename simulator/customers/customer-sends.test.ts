import fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { isSigned, NUMBER, startBusiness, type Business } from "../test-support/start-business.ts";
import type { CustomerContent } from "./content.ts";

const value = (business: Business, index = 0) =>
  business.received[index]?.payload.entry[0]?.changes[0]?.value;
const from = (customer: string, content: CustomerContent) => ({
  phoneNumberId: NUMBER,
  customer,
  content,
});

test("a text arrives in Meta's envelope, signed over its bytes", async () => {
  const business = await startBusiness();
  const { messageIds, acknowledged } = business.simulator.customerSends(
    from("ana", { type: "text", text: "Olá 😀" }),
  );
  expect(await acknowledged).toMatchObject({ state: "acknowledged", attempts: 1, lastStatus: 200 });
  expect(business.received.every(isSigned)).toBe(true);
  expect(business.received[0]?.payload).toEqual({
    object: "whatsapp_business_account",
    entry: [
      {
        id: "102290129340398",
        changes: [
          {
            field: "messages",
            value: {
              messaging_product: "whatsapp",
              metadata: { display_phone_number: "15551000000", phone_number_id: NUMBER },
              contacts: [
                {
                  profile: { name: "Ana Ribeiro" },
                  wa_id: "351912345678",
                  user_id: "PT.4820017365529018",
                },
              ],
              messages: [
                {
                  from: "351912345678",
                  from_user_id: "PT.4820017365529018",
                  id: messageIds[0],
                  timestamp: expect.stringMatching(/^\d{10}$/u),
                  type: "text",
                  text: { body: "Olá 😀" },
                },
              ],
            },
          },
        ],
      },
    ],
  });
});

test("a person without a phone number shows a user id and a username, and nothing empty", async () => {
  const business = await startBusiness();
  await business.simulator.customerSends(from("robin", { type: "text", text: "Hi" })).acknowledged;
  expect(value(business)?.contacts).toEqual([
    { profile: { name: "Robin", username: "robin.reads" }, user_id: "GB.9055127730418862" },
  ]);
  expect(value(business)?.messages?.[0]).not.toHaveProperty("from");
});

test("several messages travel in one webhook with each contact once", async () => {
  const business = await startBusiness();
  const sends = ["ana", "kenji", "ana"].map((customer) =>
    from(customer, { type: "text", text: "Hi" }),
  );
  await business.simulator.customersSend(sends).acknowledged;
  expect(business.received).toHaveLength(1);
  expect(value(business)?.messages).toHaveLength(3);
  expect(value(business)?.contacts).toHaveLength(2);
});

test("the business is asked again until it answers 200", async () => {
  const business = await startBusiness();
  business.answers.push(500, 401, 503);
  const { acknowledged } = business.simulator.customerSends(
    from("ana", { type: "text", text: "Hi" }),
  );
  expect(await acknowledged).toMatchObject({ state: "acknowledged", attempts: 4 });
  expect(business.received).toHaveLength(1);
});

test("a delivery that is under way ends with the simulator", async () => {
  const business = await startBusiness();
  business.answers.push(...Array.from({ length: 1000 }, () => 500));
  const { acknowledged } = business.simulator.customerSends(
    from("ana", { type: "text", text: "Hi" }),
  );
  await business.simulator.waitFor(() => business.simulator.deliveries[0]?.attempts === 2);
  business.simulator.reset();
  expect(await acknowledged).toMatchObject({ state: "abandoned" });
});

test.for<[CustomerContent, Record<string, unknown>]>([
  [
    { type: "button-reply", id: "yes", title: "Yes" },
    { interactive: { type: "button_reply", button_reply: { id: "yes", title: "Yes" } } },
  ],
  [
    { type: "list-reply", id: "1", title: "One" },
    { interactive: { type: "list_reply", list_reply: { id: "1", title: "One" } } },
  ],
  [{ type: "location", latitude: 1, longitude: 2 }, { location: { latitude: 1, longitude: 2 } }],
  [{ type: "reaction", messageId: "wamid.x" }, { reaction: { message_id: "wamid.x" } }],
  [
    { type: "edit", messageId: "wamid.x", text: "New" },
    { edit: { original_message_id: "wamid.x", message: { type: "text", text: { body: "New" } } } },
  ],
  [{ type: "revoke", messageId: "wamid.x" }, { revoke: { original_message_id: "wamid.x" } }],
  [
    { type: "image", caption: "Look" },
    { image: { id: expect.stringMatching(/^\d+$/u), mime_type: "image/png", caption: "Look" } },
  ],
  [{ type: "audio" }, { audio: { voice: true, mime_type: "audio/ogg; codecs=opus" } }],
  [
    { type: "template-button", text: "Yes", payload: "y" },
    { type: "button", button: { text: "Yes", payload: "y" } },
  ],
  [
    { type: "flow-reply", response: { size: "L" } },
    { interactive: { type: "nfm_reply", nfm_reply: { response_json: '{"size":"L"}' } } },
  ],
  [
    { type: "unsupported", kind: "gif" },
    { type: "unsupported", errors: [{ code: 131_051 }], unsupported: { type: "gif" } },
  ],
  [
    { type: "meta", message: { type: "order", order: {} } },
    { type: "order", order: {} },
  ],
])("a customer's action has Meta's form: %j", async ([content, expected]) => {
  const business = await startBusiness();
  await business.simulator.customerSends(from("ana", content)).acknowledged;
  expect(value(business)?.messages?.[0]).toMatchObject(expected);
});

test("a quoted message is named in the context", async () => {
  const business = await startBusiness();
  await business.simulator.customerSends({
    ...from("ana", { type: "text", text: "This" }),
    replyToId: "wamid.x",
  }).acknowledged;
  expect(value(business)?.messages?.[0]).toMatchObject({
    context: { from: "15551000000", id: "wamid.x" },
  });
});

test("after a change of number the system message has no contact and later ones the new number", async () => {
  const business = await startBusiness();
  const change = { type: "number-changed", phone: "+351999999999", userId: "PT.1" } as const;
  await business.simulator.customerSends(from("ana", change)).acknowledged;
  await business.simulator.customerSends(from("ana", { type: "text", text: "Me again" }))
    .acknowledged;
  expect(value(business)).not.toHaveProperty("contacts");
  expect(value(business)?.messages?.[0]).toMatchObject({
    from: "351912345678",
    system: {
      type: "user_changed_number",
      wa_id: "351999999999",
      user_id: "PT.1",
      previous_user_id: "PT.4820017365529018",
    },
  });
  expect(value(business, 1)?.messages?.[0]).toMatchObject({
    from: "351999999999",
    from_user_id: "PT.1",
  });
});

test("an answer from the business's own phone is echoed", async () => {
  const business = await startBusiness();
  await business.simulator.businessPhoneSends({
    phoneNumberId: NUMBER,
    customerId: "ana",
    text: "I take over",
  }).acknowledged;
  expect(business.received[0]?.payload.entry[0]?.changes[0]).toMatchObject({
    field: "smb_message_echoes",
    value: { message_echoes: [{ from: "15551000000", to: "351912345678", type: "text" }] },
  });
});

test("a raw body is delivered byte by byte with the signature asked for", async () => {
  const business = await startBusiness();
  business.answers.push(401);
  const delivery = await business.simulator.deliverRaw({
    payload: "{ not json",
    signature: "sha256=zz",
  });
  expect(delivery).toMatchObject({ state: "abandoned", attempts: 1, lastStatus: 401 });
  await business.simulator.deliverRaw({ payload: { entry: [] }, signature: null });
  expect(business.received).toMatchObject([{ body: '{"entry":[]}' }]);
  expect(business.received[0]?.signature).toBeUndefined();
});

test("the handshake succeeds only when the challenge comes back", async () => {
  const app = fastify();
  app.get("/webhook", (request, reply) => {
    const query = z.record(z.string(), z.string()).parse(request.query);
    return query["hub.verify_token"] === "right" ? query["hub.challenge"] : reply.code(403).send();
  });
  onTestFinished(() => app.close());
  const { simulator } = await startBusiness();
  simulator.setWebhook({ url: `${await app.listen({ port: 0 })}/webhook` });
  expect(await simulator.verifyWebhook("right")).toBe(true);
  expect(await simulator.verifyWebhook("wrong")).toBe(false);
});

test("a webhook address that is none is a failed attempt, not an exception", async () => {
  const { simulator } = await startBusiness();
  const delivery = await simulator.deliverRaw({ payload: {}, url: "nowhere" });
  expect(delivery).toMatchObject({ state: "abandoned", lastStatus: null });
});
