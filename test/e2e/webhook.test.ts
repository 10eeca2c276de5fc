import { createHmac } from "node:crypto";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { openDatabase } from "#store/open-database.ts";
import { countRows } from "../support/count-rows.ts";
import { APP_SECRET, startWorld, type TestWorld } from "../support/start-world.ts";

const text = (body: string) => ({ type: "text", text: body }) as const;

/** One text message as Meta writes it. */
function envelope(phoneNumberId: string, message: Readonly<Record<string, unknown>>) {
  return {
    object: "whatsapp_business_account",
    entry: [
      {
        id: "1",
        changes: [
          {
            field: "messages",
            value: {
              messaging_product: "whatsapp",
              metadata: { display_phone_number: "15550000000", phone_number_id: phoneNumberId },
              messages: [
                {
                  from: "15551230000",
                  id: `wamid.${Math.random()}`,
                  timestamp: String(Math.floor(Date.now() / 1000)),
                  type: "text",
                  text: { body: "Hi" },
                  ...message,
                },
              ],
            },
          },
        ],
      },
    ],
  };
}

function post(world: Pick<TestWorld, "app">, body: string, headers: Record<string, string> = {}) {
  return fetch(`${world.app.url}/webhook`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
}

const sign = (body: string, secret = APP_SECRET) => ({
  "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
});

test("Meta's handshake is echoed for the right token only", async () => {
  await using world = await startWorld();

  expect(await world.simulator.verifyWebhook("a token of the tests")).toBe(true);
  expect(await world.simulator.verifyWebhook("another token")).toBe(false);
});

test.for([
  ["without a signature", {}],
  ["with a wrong signature", sign("another body")],
  ["signed with another secret", sign("{}", "another secret")],
  ["with a header that is no signature", { "x-hub-signature-256": "sha256=zz" }],
  ["with an empty header", { "x-hub-signature-256": "" }],
] as const)(
  "a webhook %s gets 401 that reveals nothing, and leaves no trace",
  async ([, headers]) => {
    await using world = await startWorld();

    const response = await post(world, "{}", headers);

    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: "WEBHOOK_SIGNATURE_INVALID" });
    expect(await countRows(world.database, "webhook_events")).toBe(0);
  },
);

test("the specification's curl works with the development setting for unsigned webhooks", async () => {
  await using world = await startWorld({ WEBHOOK_ALLOW_UNSIGNED: "true" });
  const { phoneNumberId } = await world.createChatbot();
  const body = {
    entry: [
      {
        changes: [
          {
            value: {
              messages: [
                { from: "+1234567890", id: "test123", text: { body: "Hello!" }, type: "text" },
              ],
              metadata: { phone_number_id: phoneNumberId },
            },
          },
        ],
      },
    ],
  };

  expect((await post(world, JSON.stringify(body))).status).toBe(200);

  await world.simulator.waitFor(() => world.simulator.sent.length === 1);
  expect(world.simulator.sent[0]?.address).toBe("+1234567890");
});

test("a body that is not JSON gets 400, one that is too large 413", async () => {
  await using world = await startWorld();
  const large = JSON.stringify({ filler: "x".repeat(4 * 1024 * 1024) });

  expect((await post(world, "{not json", sign("{not json"))).status).toBe(400);
  expect((await post(world, large, sign(large))).status).toBe(413);
});

test("a signed body of almost 4 MB is accepted", async () => {
  await using world = await startWorld();
  const large = JSON.stringify({ filler: "x".repeat(4 * 1024 * 1024 - 100) });

  expect((await post(world, large, sign(large))).status).toBe(200);
});

test.for([
  ["nothing at all", "null"],
  ["a list", "[]"],
  ["an entry that is a word", '{"entry":"x"}'],
  [
    "an unknown field",
    '{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"new","value":1}]}]}',
  ],
  ["deep nesting", `{"entry":${"[".repeat(50_000)}${"]".repeat(50_000)}}`],
  [
    "prototype keys",
    '{"__proto__":{"entry":1},"constructor":{"prototype":1},"entry":[{"__proto__":[]}]}',
  ],
  ["duplicate keys", '{"entry":1,"entry":[{"id":"1"}]}'],
] as const)("a signed webhook with %s is acknowledged and kept", async ([, body]) => {
  await using world = await startWorld();

  expect((await post(world, body, sign(body))).status).toBe(200);
  expect(await countRows(world.database, "webhook_events")).toBeGreaterThan(0);
});

test.for([
  ["a NUL character", { text: { body: "a\u0000b" } }],
  ["a lone surrogate", { text: { body: "a\ud800b" } }],
  ["60,000 characters", { text: { body: "word ".repeat(12_000) } }],
  ["a time of the far future", { timestamp: "99999999999999" }],
  ["a sender of another kind", { from: 15551230000 }],
] as const)("a message with %s is answered", async ([, message]) => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  const body = JSON.stringify(envelope(phoneNumberId, message));

  expect((await post(world, body, sign(body))).status).toBe(200);

  await world.simulator.waitFor(() => world.simulator.sent.length === 1);
});

test("a broken message in a batch does not take its neighbours along", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  const payload = envelope(phoneNumberId, {});
  const odd: unknown[] = [null, 7, { id: 1 }, { from: {}, type: [] }];
  for (const { value } of payload.entry.flatMap(({ changes }) => changes))
    Object.assign(value, { messages: [...odd, ...value.messages] });
  const body = JSON.stringify(payload);

  expect((await post(world, body, sign(body))).status).toBe(200);

  await world.simulator.waitFor(() => world.simulator.sent.length === 1);
});

test("a webhook for a number that nobody has registered is acknowledged and kept", async () => {
  await using world = await startWorld();
  const body = JSON.stringify(envelope("999", {}));

  expect((await post(world, body, sign(body))).status).toBe(200);

  const { rows } = await world.database.asOwner((db) =>
    sql`select outcome, phone_number_id, organization_id from webhook_events`.execute(db),
  );
  expect(rows).toEqual([{ outcome: "unrouted", phone_number_id: "999", organization_id: null }]);
});

test("a chatbot with its own app secret believes that app only, and the app cannot speak for others", async () => {
  await using world = await startWorld();
  const own = await world.createChatbot({ appSecret: "a secret of the tenant" });
  const other = await world.createChatbot();
  const deliver = async (phoneNumberId: string, secret: string) => {
    const body = JSON.stringify(envelope(phoneNumberId, {}));
    return (await post(world, body, sign(body, secret))).status;
  };

  expect(await deliver(own.phoneNumberId, "a secret of the tenant")).toBe(200);
  await world.simulator.waitFor(() => world.simulator.sent.length === 1);
  expect(await deliver(other.phoneNumberId, "a secret of the tenant")).toBe(401);
  // The platform's own app is known, but it does not sign for this number.
  expect(await deliver(own.phoneNumberId, APP_SECRET)).toBe(200);
  // the message and, with the end of its turn, the answer
  await expect.poll(() => countRows(world.database, "messages")).toBe(2);
});

test("the database being away is answered 503, so that Meta delivers again", async () => {
  const away = await openDatabase({
    kind: "server",
    url: "postgres://nobody@127.0.0.1:9/none",
    poolSize: 1,
  });
  await using world = await startWorld({}, { parts: ["serve"], database: away });
  const body = JSON.stringify(envelope("1", {}));

  expect((await post(world, body, sign(body))).status).toBe(503);
  expect((await fetch(`${world.app.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${world.app.url}/healthz`)).status).toBe(200);
});

test("metrics tell what was accepted, how turns ended, and how deep the queue is", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  // The second answer comes after the end of the first turn.
  for (const body of ["Hi", "And hi again"]) {
    world.simulator.customerSends({ phoneNumberId, customer: "ana", content: text(body) });
    await world.simulator.nextReply("ana");
  }

  const metrics = await (await fetch(`${world.app.url}/metrics`)).text();

  expect(metrics).toContain('parley_accepted_total{kind="message"} 2');
  expect(metrics).toMatch(/parley_turns_total\{handler="conversation",outcome="done"\} [12]/);
  expect(metrics).toMatch(/parley_model_tokens_total\{provider="openai",direction="input"\} \d+/);
  expect(metrics).toContain("parley_queue_depth ");
});
