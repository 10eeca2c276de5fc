import { once } from "node:events";
import { connect } from "node:net";
import { signBody } from "../../simulator/sign-body.ts";
import type { Pace } from "./outside-world-protocol.ts";

/** A webhook as bytes on the wire, signed. */
export type PreparedWebhook = { readonly phone: string; readonly request: Buffer };

/** Builds a text message. */
export function prepareWebhook(input: {
  readonly url: URL;
  readonly phoneNumberId: string;
  readonly appSecret: string;
  /** Which person writes. */
  readonly person: number;
  readonly wamid: string;
}): PreparedWebhook {
  const phone = `4915${String(input.person).padStart(9, "0")}`;
  const body = JSON.stringify({
    object: "whatsapp_business_account",
    entry: [
      {
        id: "102290129340398",
        changes: [
          {
            field: "messages",
            value: {
              messaging_product: "whatsapp",
              metadata: {
                display_phone_number: "15550783881",
                phone_number_id: input.phoneNumberId,
              },
              contacts: [{ profile: { name: "Sheena Nelson" }, wa_id: phone }],
              messages: [
                {
                  from: phone,
                  id: input.wamid,
                  timestamp: String(Math.floor(Date.now() / 1_000)),
                  type: "text",
                  // never twice the same: who repeats a question is handed over to a colleague
                  text: {
                    body: `Hello, is there a table for four on Friday evening? ${input.wamid}`,
                  },
                },
              ],
            },
          },
        ],
      },
    ],
  });
  const head = [
    `POST ${input.url.pathname} HTTP/1.1`,
    `host: ${input.url.host}`,
    "content-type: application/json",
    "user-agent: facebookexternalua",
    `x-hub-signature-256: ${signBody(input.appSecret, body)}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return { phone, request: Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`) };
}

/** What a load tells while it runs; times are those of `performance.now()`. */
export type LoadEvents = {
  readonly onDue: (webhook: PreparedWebhook, atMs: number) => void;
  readonly onAnswer: (webhook: PreparedWebhook, isAccepted: boolean) => void;
};

/** Sends all webhooks at the pace; resolves when each is answered. */
export async function sendWebhooks(
  load: {
    readonly url: URL;
    readonly webhooks: readonly PreparedWebhook[];
    readonly pace: Pace;
  },
  events: LoadEvents,
): Promise<void> {
  const { webhooks, pace } = load;
  if (pace.kind === "closed loop") {
    let next = 0;
    const connections = Array.from({ length: pace.connections }, async () => {
      const connection = await openConnection(load.url);
      for (let webhook = webhooks[next++]; webhook; webhook = webhooks[next++]) {
        events.onDue(webhook, performance.now());
        events.onAnswer(webhook, await connection.post(webhook.request));
      }
      connection.close();
    });
    await Promise.all(connections);
    return;
  }

  const idle = await Promise.all(Array.from({ length: 20 }, () => openConnection(load.url)));
  const startMs = performance.now();
  const answers = webhooks.map(async (webhook, index) => {
    const dueMs = startMs + (index * 1_000) / pace.perSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    events.onDue(webhook, dueMs); // a late sender must not look like a fast receiver
    const connection = idle.pop() ?? (await openConnection(load.url));
    events.onAnswer(webhook, await connection.post(webhook.request));
    idle.push(connection);
  });
  await Promise.all(answers);
  for (const connection of idle) connection.close();
}

type Connection = {
  /** Whether the answer was 200. */
  readonly post: (request: Buffer) => Promise<boolean>;
  readonly close: () => void;
};

/** One request at a time on a bare socket: Node's own client costs several times as much. */
async function openConnection(url: URL): Promise<Connection> {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  await once(socket, "connect");
  let text = "";
  let settle: ((isAccepted: boolean) => void) | undefined;
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    text += chunk;
    const headEnd = text.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const bodyLength = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (text.length < headEnd + 4 + bodyLength) return;
    const isAccepted = text.startsWith("HTTP/1.1 200");
    text = "";
    settle?.(isAccepted);
  });
  socket.on("error", () => settle?.(false));
  socket.on("close", () => settle?.(false));
  return {
    post: (request) =>
      new Promise((resolve) => {
        settle = resolve;
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}
