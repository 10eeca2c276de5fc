import { expect, test } from "vitest";
import { failureOf, metaError, startFakeGraph } from "./fake-graph-for-tests.ts";
import type { SendMessageInput } from "./whatsapp-client.ts";

const SENDER = { phoneNumberId: "106540352242922", accessToken: "EAAtoken" };

const MESSAGE: SendMessageInput = {
  sender: SENDER,
  recipient: { phone: "15551234567" },
  content: { type: "text", body: "Good morning!" },
  outboundMessageId: "0199a1b2-0000-7000-8000-000000000001",
};

const READ_MARK = { sender: SENDER, whatsappMessageId: "wamid.IN" };

const SENT = {
  messaging_product: "whatsapp",
  contacts: [{ input: "+15551234567", wa_id: "15551234567" }],
  messages: [{ id: "wamid.OUT" }],
};

test("a text goes to the phone number with its plus sign and carries our own id", async () => {
  const { client, requests } = await startFakeGraph(() => ({ json: SENT }));

  expect(await client.sendMessage(MESSAGE)).toEqual({
    whatsappMessageId: "wamid.OUT",
    phone: "15551234567",
  });
  expect(requests).toEqual([
    {
      method: "POST",
      url: "/v26.0/106540352242922/messages",
      authorization: "Bearer EAAtoken",
      body: {
        messaging_product: "whatsapp",
        recipient_type: "individual",
        to: "+15551234567",
        type: "text",
        text: { body: "Good morning!" },
        biz_opaque_callback_data: "0199a1b2-0000-7000-8000-000000000001",
      },
    },
  ]);
});

test("a reply quotes the message it answers", async () => {
  const { client, requests } = await startFakeGraph(() => ({ json: SENT }));

  await client.sendMessage({ ...MESSAGE, repliesTo: "wamid.IN" });

  expect(requests[0]?.body).toMatchObject({ context: { message_id: "wamid.IN" } });
});

test("a person without a phone number is reached by user id", async () => {
  const { client, requests } = await startFakeGraph(() => ({
    json: {
      messaging_product: "whatsapp",
      contacts: [{ input: "US.1349", user_id: "US.1349", wa_id: "" }],
      messages: [{ id: "wamid.OUT", message_status: "accepted" }],
    },
  }));

  expect(await client.sendMessage({ ...MESSAGE, recipient: { userId: "US.1349" } })).toEqual({
    whatsappMessageId: "wamid.OUT",
    userId: "US.1349",
  });
  expect(requests[0]?.body).toMatchObject({ recipient: "US.1349" });
  expect(requests[0]?.body).not.toHaveProperty("to");
});

test("a plus sign that is already in the number is not doubled", async () => {
  const { client, requests } = await startFakeGraph(() => ({ json: SENT }));

  await client.sendMessage({ ...MESSAGE, recipient: { phone: "+15551234567" } });

  expect(requests[0]?.body).toMatchObject({ to: "+15551234567" });
});

test.each([
  ["without contacts", { messages: [{ id: "wamid.OUT" }] }],
  ["with odd contacts", { contacts: [{ wa_id: 7 }, "x"], messages: [{ id: "wamid.OUT" }] }],
  ["with fields of tomorrow", { new: {}, messages: [{ id: "wamid.OUT", new: 1 }, {}] }],
])("an answer %s is a success as long as it has a message id", async (_case, json) => {
  const { client } = await startFakeGraph(() => ({ json }));

  expect(await client.sendMessage(MESSAGE)).toEqual({ whatsappMessageId: "wamid.OUT" });
});

test("typing is shown together with the read mark in one call", async () => {
  const { client, requests } = await startFakeGraph(() => ({ json: { success: true } }));

  await client.showTyping(READ_MARK);

  expect(requests.map(({ url, body }) => ({ url, body }))).toEqual([
    {
      url: "/v26.0/106540352242922/messages",
      body: {
        messaging_product: "whatsapp",
        status: "read",
        message_id: "wamid.IN",
        typing_indicator: { type: "text" },
      },
    },
  ]);
});

test("a read mark alone shows no typing", async () => {
  const { client, requests } = await startFakeGraph(() => ({ json: { success: true } }));

  await client.markRead(READ_MARK);

  expect(requests[0]?.body).toEqual({
    messaging_product: "whatsapp",
    status: "read",
    message_id: "wamid.IN",
  });
});

test("the state of a number is read leniently", async () => {
  const { client, requests } = await startFakeGraph(() => ({
    json: {
      verified_name: "Bakery",
      display_phone_number: "+1 555 0100",
      quality_rating: "GREEN",
      throughput: { level: "STANDARD" },
      webhook_configuration: "none",
      id: "1",
    },
  }));

  expect(await client.fetchNumberHealth(SENDER)).toEqual({
    verifiedName: "Bakery",
    displayPhoneNumber: "+1 555 0100",
    qualityRating: "GREEN",
    throughputLevel: "STANDARD",
  });
  expect(requests[0]).toMatchObject({
    method: "GET",
    url: "/v26.0/106540352242922?fields=verified_name,display_phone_number,quality_rating,platform_type,throughput,webhook_configuration",
    authorization: "Bearer EAAtoken",
  });
});

test.each([
  [401, 190, "WHATSAPP_TOKEN_INVALID"],
  [403, 10, "WHATSAPP_PERMISSION_DENIED"],
  [400, 130429, "WHATSAPP_RATE_LIMITED"],
  [400, 131056, "WHATSAPP_PAIR_RATE_LIMITED"],
  [400, 131047, "WHATSAPP_WINDOW_CLOSED"],
  [400, 131026, "WHATSAPP_RECIPIENT_UNREACHABLE"],
  [403, 131031, "WHATSAPP_ACCOUNT_RESTRICTED"],
  [400, 100, "WHATSAPP_REQUEST_REJECTED"],
  [500, 131000, "WHATSAPP_UNAVAILABLE"],
  [200, 131047, "WHATSAPP_WINDOW_CLOSED"],
])("HTTP %i with Meta's %i is %s", async (httpStatus, metaCode, code) => {
  const { client } = await startFakeGraph(() => ({
    status: httpStatus,
    json: metaError(metaCode),
  }));

  const error = await failureOf(client.sendMessage(MESSAGE));

  expect(error.code).toBe(code);
  expect(error.details).toEqual({ httpStatus, metaCode, metaTraceId: "Az8or2yhqkZ" });
});

test("an error shows neither what Meta wrote, nor token, number or message", async () => {
  const { client } = await startFakeGraph(() => ({ status: 400, json: metaError(131030) }));

  const error = await failureOf(client.sendMessage(MESSAGE));

  const shown = JSON.stringify([error.message, error.details, String(error.cause)]);
  expect(shown).not.toMatch(/secret words of Meta|EAAtoken|15551234567|Good morning/);
});

test.each([
  [502, "<html>Bad gateway</html>", "WHATSAPP_UNAVAILABLE"],
  [503, "", "WHATSAPP_UNAVAILABLE"],
  [429, "slow down", "WHATSAPP_RATE_LIMITED"],
  [404, '{"error":{"code":null}}', "WHATSAPP_REQUEST_REJECTED"],
  [504, "<html>Gateway timeout</html>", "WHATSAPP_OUTCOME_UNKNOWN"],
  [200, "<html>Welcome</html>", "WHATSAPP_OUTCOME_UNKNOWN"],
  [200, '{"messages":[]}', "WHATSAPP_OUTCOME_UNKNOWN"],
  [200, "", "WHATSAPP_OUTCOME_UNKNOWN"],
])("HTTP %i with the body %j is %s", async (status, text, code) => {
  const { client } = await startFakeGraph(() => ({ status, text }));

  const error = await failureOf(client.sendMessage(MESSAGE));

  expect(error.code).toBe(code);
  expect(error.details).toEqual({ httpStatus: status });
});

test("an answer's Retry-After is passed on", async () => {
  const { client } = await startFakeGraph(() => ({
    status: 503,
    headers: { "retry-after": "30" },
  }));

  expect((await failureOf(client.sendMessage(MESSAGE))).retryAfterMs).toBe(30_000);
});

test("after a number's limit nothing is sent from it until the wait is over", async () => {
  const answers = [{ status: 400, json: metaError(130429) }, { json: SENT }];
  const { client, clock, requests } = await startFakeGraph(
    () => answers.shift() ?? { status: 500 },
  );

  expect((await failureOf(client.sendMessage(MESSAGE))).retryAfterMs).toBe(1_000);
  clock.nowMs += 400;
  const held = await failureOf(
    client.sendMessage({ ...MESSAGE, recipient: { phone: "15550000000" } }),
  );
  expect([held.code, held.retryAfterMs]).toEqual(["WHATSAPP_RATE_LIMITED", 600]);
  expect((await failureOf(client.showTyping(READ_MARK))).code).toBe("WHATSAPP_RATE_LIMITED");
  expect(requests).toHaveLength(1);

  clock.nowMs += 600;
  expect((await client.sendMessage(MESSAGE)).whatsappMessageId).toBe("wamid.OUT");
});

test("a success after the wait starts the next wait short again", async () => {
  const refusal = { status: 400, json: metaError(130429) };
  const answers = [refusal, { json: SENT }, refusal];
  const { client, clock } = await startFakeGraph(() => answers.shift() ?? { status: 500 });
  await failureOf(client.sendMessage(MESSAGE));
  clock.nowMs += 1_000;
  await client.sendMessage(MESSAGE);

  expect((await failureOf(client.sendMessage(MESSAGE))).retryAfterMs).toBe(1_000);
});

test("after a pair's limit only this person waits", async () => {
  const answers = [{ status: 400, json: metaError(131056) }, { json: SENT }];
  const { client, requests } = await startFakeGraph(() => answers.shift() ?? { status: 500 });
  await failureOf(client.sendMessage(MESSAGE));

  expect((await failureOf(client.sendMessage(MESSAGE))).code).toBe("WHATSAPP_PAIR_RATE_LIMITED");
  await client.sendMessage({ ...MESSAGE, recipient: { userId: "US.1349" } });

  expect(requests).toHaveLength(2);
});

test("a connection that breaks leaves a message's outcome unknown, but not a typing sign's", async () => {
  const { client } = await startFakeGraph(() => "drop");

  expect((await failureOf(client.sendMessage(MESSAGE))).code).toBe("WHATSAPP_OUTCOME_UNKNOWN");
  expect((await failureOf(client.showTyping(READ_MARK))).code).toBe("WHATSAPP_UNAVAILABLE");
  expect((await failureOf(client.fetchNumberHealth(SENDER))).code).toBe("WHATSAPP_UNAVAILABLE");
});

test("a message that was aborted before it was written was not sent", async () => {
  const { client, requests } = await startFakeGraph(() => ({ json: SENT }));

  const error = await failureOf(client.sendMessage({ ...MESSAGE, signal: AbortSignal.abort() }));

  expect(error.code).toBe("WHATSAPP_UNAVAILABLE");
  expect(requests).toEqual([]);
});

test("a message that was aborted while Meta works on it has an unknown outcome", async () => {
  const controller = new AbortController();
  const { client } = await startFakeGraph(() => {
    controller.abort();
    return "silence";
  });

  const error = await failureOf(client.sendMessage({ ...MESSAGE, signal: controller.signal }));

  expect(error.code).toBe("WHATSAPP_OUTCOME_UNKNOWN");
});

test.each(["", "two\nlines", "tökén"])(
  "the token %j is refused without a call",
  async (accessToken) => {
    const { client, requests } = await startFakeGraph(() => ({ json: SENT }));
    const sender = { ...SENDER, accessToken };

    expect((await failureOf(client.sendMessage({ ...MESSAGE, sender }))).code).toBe(
      "WHATSAPP_TOKEN_INVALID",
    );
    expect(requests).toEqual([]);
  },
);

test("a phone number id cannot lead to another path", async () => {
  const { client, requests } = await startFakeGraph(() => ({ json: SENT }));

  await client.sendMessage({ ...MESSAGE, sender: { ...SENDER, phoneNumberId: "../me?x=" } });

  expect(requests[0]?.url).toBe("/v26.0/..%2Fme%3Fx%3D/messages");
});
