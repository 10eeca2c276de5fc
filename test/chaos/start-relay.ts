import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { ActorName, Moment, Moments } from "./moments.ts";

/** A wire between one process of the product and the outside world. */
export type Relay = { readonly url: string; readonly close: () => void };

/** The way of a call. */
export type Way = {
  /** The process of the product whose wire it is: the caller, or for webhooks the one called. */
  readonly actor: ActorName;
  /** Where the call goes, for example `http://127.0.0.1:3001`. */
  readonly targetUrl: string;
};

/** A call and its answer. */
export type Exchange = {
  readonly call: Moment["call"];
  readonly request: Buffer;
  readonly answer: Answer;
};

export type RelayOptions = {
  /** Chooses the way of a call, again when nobody listens there. */
  readonly choose: () => Way;
  readonly moments: Moments;
  /** Told of each call that was answered, before its caller. */
  readonly onExchange: (exchange: Exchange) => void;
  /** How long a delivery status is under way, in milliseconds. */
  readonly statusDelayMs: number;
};

/** How long a webhook looks for somebody who listens; Meta too delivers again and again. */
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
  if (call === "webhook" && body.includes('"statuses"')) await wait(options.statusDelayMs);
  let way = options.choose();
  const cuts = (stage: Moment["stage"]) =>
    options.moments.reach({ actor: way.actor, call, stage }) === "drop";

  if (cuts("received")) {
    response.destroy();
    return;
  }
  const deadlineMs = performance.now() + RESTART_MS;
  let answer = await forward(way, incoming, body);
  while (answer === "nobody listens") {
    if (performance.now() > deadlineMs) throw new Error("Nobody listens");
    await wait(20);
    way = options.choose();
    answer = await forward(way, incoming, body);
  }
  options.onExchange({ call, request: body, answer });
  if (cuts("processed")) {
    response.destroy();
    return;
  }
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body, () => void cuts("answered"));
}

/** An answer, as far as it is passed on. */
export type Answer = {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
};

/** Rejects when the target breaks the connection, so that the caller sees it broken too. */
async function forward(
  way: Way,
  incoming: IncomingMessage,
  body: Buffer,
): Promise<Answer | "nobody listens"> {
  try {
    return await callOnce(way.targetUrl, incoming, body);
  } catch (error) {
    const isDown = error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
    if (isDown) return "nobody listens";
    throw error;
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
