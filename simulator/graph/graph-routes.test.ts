import { expect, test } from "vitest";
import { z } from "zod";
import { codeOf, idOf, NUMBER, startBusiness, statusesOf } from "../test-support/start-business.ts";

const hello = {
  phoneNumberId: NUMBER,
  customer: "ana",
  content: { type: "text", text: "Hello" },
} as const;
const text = (body: string) => ({ to: "+351912345678", type: "text", text: { body } });

test("a message is accepted, recorded and reported as sent, delivered and read, in this order", async () => {
  const business = await startBusiness();
  const { simulator } = business;
  await simulator.customerSends(hello).acknowledged;

  const response = await business.send({ ...text("Hi Ana"), biz_opaque_callback_data: "turn 1" });

  expect(response.status).toBe(200);
  const id = await idOf(response);
  expect(id).toMatch(/^wamid\./u);
  const reply = await simulator.nextReply("ana");
  expect(reply).toMatchObject({
    id,
    text: "Hi Ana",
    callbackData: "turn 1",
    order: 1,
    customerId: "ana",
  });
  await simulator.waitFor(() => statusesOf(business, id).length === 3);
  expect(statusesOf(business, id)).toEqual(["sent", "delivered", "read"]);
  const sent = business.received.find(({ body }) => body.includes('"status":"sent"'));
  expect(sent?.payload.entry[0]?.changes[0]?.value.statuses?.[0]).toMatchObject({
    recipient_id: "351912345678",
    recipient_user_id: "PT.4820017365529018",
    biz_opaque_callback_data: "turn 1",
    pricing: { pricing_model: "PMP", category: "service" },
  });
});

test("a person without a phone number is reached by user id, and the answer names only that", async () => {
  const business = await startBusiness();
  await business.simulator.customerSends({ ...hello, customer: "robin" }).acknowledged;
  const response = await business.send({
    recipient: "GB.9055127730418862",
    type: "text",
    text: { body: "Hi" },
  });
  expect(await response.json()).toMatchObject({
    messaging_product: "whatsapp",
    contacts: [{ input: "GB.9055127730418862", user_id: "GB.9055127730418862" }],
  });
  await business.simulator.nextReply("robin");
  await business.simulator.waitFor(() => business.received.length === 4);
  expect(business.received.some(({ body }) => body.includes("recipient_id"))).toBe(false);
});

test("a number without its plus sign reaches a stranger", async () => {
  const business = await startBusiness({ customerServiceWindow: "off" });
  await business.send({ to: "351912345678", type: "text", text: { body: "Hi" } });
  expect(business.simulator.sent[0]).toMatchObject({ customerId: null });
});

test("outside the 24-hour window free text is refused with 131047, a template is not", async () => {
  let nowMs = Date.parse("2026-11-25T10:00:00Z");
  const business = await startBusiness({ now: () => nowMs });
  expect(await codeOf(await business.send(text("Hello?")))).toBe(131_047);
  await business.simulator.customerSends(hello).acknowledged;
  expect((await business.send(text("Hello!"))).status).toBe(200);
  nowMs += 24 * 60 * 60 * 1000;
  expect(await codeOf(await business.send(text("Still there?")))).toBe(131_047);
  const template = {
    to: "+351912345678",
    type: "template",
    template: { name: "hello", language: { code: "en" } },
  };
  expect((await business.send(template)).status).toBe(200);
});

test("limits of WhatsApp are errors in Meta's shape", async () => {
  const { send } = await startBusiness({ customerServiceWindow: "off" });
  const buttons = (titles: readonly string[]) => ({
    to: "+351912345678",
    type: "interactive",
    interactive: {
      type: "button",
      body: { text: "Choose" },
      action: { buttons: titles.map((title) => ({ type: "reply", reply: { id: title, title } })) },
    },
  });
  expect((await send(text("x".repeat(4096)))).status).toBe(200);
  expect((await send(buttons(["A", "B", "C"]))).status).toBe(200);
  expect(await codeOf(await send(text("x".repeat(4097))))).toBe(100);
  expect(await codeOf(await send(buttons(["A", "B", "C", "D"])))).toBe(131_009);
  expect(await codeOf(await send(buttons(["A", "A"])))).toBe(131_009);
  expect(await codeOf(await send(buttons(["a title above the limit of 20"])))).toBe(131_009);
  expect(await codeOf(await send({ to: "+351912345678", type: "text" }))).toBe(131_008);
  expect(await codeOf(await send({ type: "text", text: { body: "To nobody" } }))).toBe(131_008);
  expect(await codeOf(await send({ ...text("Hi"), priority: "high" }))).toBe(100);
  expect(
    await codeOf(await send({ to: "+351912345678", type: "image", image: { id: "404" } })),
  ).toBe(131_053);
});

test("only the number's own token may send, and an unknown number does not exist", async () => {
  const phoneNumbers = [{ phoneNumberId: NUMBER, accessToken: "the right one" }];
  const { graph } = await startBusiness({ phoneNumbers });
  const post = (path: string, authorization: string) =>
    graph(path, { method: "POST", headers: { authorization } });
  const refused = await post(`${NUMBER}/messages`, "Bearer the wrong one");
  expect(refused.status).toBe(401);
  expect(await codeOf(refused)).toBe(190);
  expect(await codeOf(await post(`${NUMBER}/messages`, ""))).toBe(190);
  expect(await codeOf(await post("999/messages", "Bearer any"))).toBe(33);
});

test("a read mark ticks the customer's messages up to it and shows the typing indicator", async () => {
  const business = await startBusiness();
  const { simulator } = business;
  const first = simulator.customerSends(hello);
  const second = simulator.customerSends(hello);
  await Promise.all([first.acknowledged, second.acknowledged]);
  const [messageId = ""] = second.messageIds;
  const response = await business.send({
    status: "read",
    message_id: messageId,
    typing_indicator: { type: "text" },
  });
  expect(await response.json()).toEqual({ success: true });
  expect(simulator.typing).toMatchObject([{ messageId, customerId: "ana" }]);
  const state = await fetch(`${simulator.url}/sim/state`);
  expect(await state.text()).not.toContain('"tick":"delivered"');
});

test("a file goes up, is found, comes down with the token only, and can be deleted", async () => {
  const { graph } = await startBusiness();
  const form = new FormData();
  form.set("messaging_product", "whatsapp");
  form.set("type", "text/plain");
  form.set("file", new File(["Our menu"], "menu.txt", { type: "text/plain" }));
  const upload = await graph(`${NUMBER}/media`, { method: "POST", body: form });
  const { id } = z.object({ id: z.string() }).parse(await upload.json());
  const found = z
    .object({
      url: z.string(),
      mime_type: z.literal("text/plain"),
      file_size: z.literal("8"),
      sha256: z.string(),
    })
    .parse(await (await graph(id)).json());
  expect((await fetch(found.url)).status).toBe(401);
  const download = await fetch(found.url, { headers: { authorization: "Bearer token" } });
  expect(await download.text()).toBe("Our menu");
  expect(await (await graph(id, { method: "DELETE" })).json()).toEqual({ success: true });
  expect(await codeOf(await graph(id))).toBe(33);
});

test("the health of a number has the fields that were asked for", async () => {
  const { graph } = await startBusiness();
  const response = await graph(`${NUMBER}?fields=verified_name,quality_rating`);
  expect(await response.json()).toEqual({
    verified_name: "Corner Bakery",
    quality_rating: "GREEN",
    id: NUMBER,
  });
});
