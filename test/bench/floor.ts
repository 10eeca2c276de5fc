/**
 * The floor that Parley is measured against: the least a program must do to answer a message. It
 * verifies the signature, inserts one row, answers 200, asks the model, sends the reply. It forgets
 * everything in a crash, keeps no order, no history, no tenants and no count of what was used.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";

const setting = (name: string): string => process.env[name] ?? "";
const apisUrl = setting("BENCH_APIS_URL");
const appSecret = setting("WHATSAPP_APP_SECRET");

const pool = new pg.Pool({
  connectionString: setting("DATABASE_URL"),
  max: 10,
  idleTimeoutMillis: 0,
});

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const rawBody = Buffer.concat(chunks);
    if (!isAuthentic(rawBody, request.headers["x-hub-signature-256"])) {
      response.writeHead(401).end();
      return;
    }
    const { value } = JSON.parse(rawBody.toString()).entry[0].changes[0];
    const [message] = value.messages;
    const stored = pool.query({
      name: "insert",
      text: "insert into floor_messages (wamid, payload) values ($1, $2) on conflict do nothing",
      values: [message.id, rawBody.toString()],
    });
    stored.then(
      () => {
        response.writeHead(200, { "content-type": "application/json", "content-length": 21 });
        response.end('{"status":"accepted"}');
        answer(value.metadata.phone_number_id, message).catch(() => {});
      },
      () => response.writeHead(503).end(),
    );
  });
});

function isAuthentic(rawBody: Buffer, header: string | string[] | undefined): boolean {
  const expected = createHmac("sha256", appSecret).update(rawBody).digest();
  const received = Buffer.from(String(header).slice("sha256=".length), "hex");
  return received.length === expected.length && timingSafeEqual(received, expected);
}

async function answer(
  phoneNumberId: string,
  message: { readonly from: string; readonly text: { readonly body: string } },
): Promise<void> {
  const model = await post("/openai/v1/responses", {
    model: "bench",
    input: [{ role: "user", content: [{ type: "input_text", text: message.text.body }] }],
    store: false,
  });
  const { output } = JSON.parse(model);
  await post(`/v26.0/${phoneNumberId}/messages`, {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    to: `+${message.from}`,
    type: "text",
    text: { body: output[0].content[0].text },
  });
}

async function post(path: string, body: unknown): Promise<string> {
  const response = await fetch(`${apisUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer token" },
    body: JSON.stringify(body),
  });
  return response.text();
}

process.once("SIGTERM", () => process.exit());
server.keepAliveTimeout = 120_000;
server.listen(Number(setting("PORT")), "127.0.0.1");
await once(server, "listening");
process.stderr.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
