import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { ActorName, Moment, Moments } from "./moments.ts";

/** A wire between one process of the product and the outside world. */
export type Relay = { readonly url: string; readonly close: () => void };

export type RelayOptions = {
  /** The process whose wire it is: the caller, or for webhooks the one that is called. */
  readonly actor: ActorName;
  /** Where the calls go, for example `http://127.0.0.1:3001`. */
  readonly targetUrl: string;
  readonly moments: Moments;
  /** How long a delivery status is under way, in milliseconds. */
  readonly statusDelayMs: number;
};

/** How long a call waits for a target that is being restarted; Meta too delivers again and again. */
const RESTART_MS = 15_000;

/**
 * Starts a relay. It shows every boundary of a call to `moments`, which may cut the connection there,
 * and changes nothing else: what the simulator drops, delays or refuses arrives as it would without.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const server = createServer((incoming, response) => {
    relay(options, incoming, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000; // never the side that closes an idle connection first
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function relay(
  options: RelayOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readAll(incoming);
  const call = callOf(incoming.url ?? "", body);
  const cuts = (stage: Moment["stage"]) =>
    options.moments.reach({ actor: options.actor, call, stage }) === "drop";

  if (call === "webhook" && body.includes('"statuses"')) await wait(options.statusDelayMs);
  if (cuts("received")) {
    response.destroy();
    return;
  }
  const answer = await forward(options.targetUrl, incoming, body);
  if (cuts("processed")) {
    response.destroy();
    return;
  }
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body, () => void cuts("answered"));
}

type Answer = {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
};

/** Rejects when the target breaks the connection, so that the caller sees it broken too. */
async function forward(
  targetUrl: string,
  incoming: IncomingMessage,
  body: Buffer,
): Promise<Answer> {
  const deadlineMs = performance.now() + RESTART_MS;
  for (;;) {
    try {
      return await callOnce(targetUrl, incoming, body);
    } catch (error) {
      const isDown = error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
      if (!isDown || performance.now() > deadlineMs) throw error;
      await wait(30);
    }
  }
}

function callOnce(targetUrl: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const { connection: _connection, host: _host, ...headers } = incoming.headers;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(incoming.url ?? "/", targetUrl),
      { method: incoming.method ?? "GET", headers, agent: false },
      (answer) => {
        readAll(answer).then((received) => {
          const kept = ["content-type", "retry-after"].flatMap((name) => {
            const value = answer.headers[name];
            return typeof value === "string" ? [[name, value] as const] : [];
          });
          resolve({
            status: answer.statusCode ?? 502,
            headers: Object.fromEntries(kept),
            body: received,
          });
        }, reject);
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function callOf(path: string, body: Buffer): Moment["call"] {
  if (path.startsWith("/webhook")) return "webhook";
  if (path.startsWith("/openai/")) return "model";
  return body.includes('"status":"read"') ? "read" : "message";
}
