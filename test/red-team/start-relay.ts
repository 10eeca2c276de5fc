import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

/** Stands between the product and a provider of models, and remembers what the provider was sent. */
export type Relay = {
  readonly url: string;
  /** Bodies of the requests, in order. */
  readonly requests: readonly string[];
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** Headers that belong to one connection. */
const OF_THE_CONNECTION = new Set([
  "host",
  "connection",
  "content-length",
  "content-encoding",
  "transfer-encoding",
  "accept-encoding",
  "keep-alive",
]);
const ANSWER_TIMEOUT_MS = 120_000;

/** Starts one before the provider at this base address. */
export async function startRelay(targetUrl: string): Promise<Relay> {
  const requests: string[] = [];
  const server = createServer((incoming, response) => {
    const pass = async () => {
      const body = await buffer(incoming);
      requests.push(body.toString("utf8"));
      const answer = await fetch(`${targetUrl.replace(/\/$/, "")}${incoming.url ?? ""}`, {
        method: incoming.method ?? "POST",
        headers: passable(
          Object.entries(incoming.headersDistinct).map(([name, values = []]) => [
            name,
            values.join(", "),
          ]),
        ),
        body,
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
      response.writeHead(answer.status, passable([...answer.headers]));
      response.end(Buffer.from(await answer.arrayBuffer()));
    };
    pass().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function passable(headers: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(headers.filter(([name]) => !OF_THE_CONNECTION.has(name)));
}
