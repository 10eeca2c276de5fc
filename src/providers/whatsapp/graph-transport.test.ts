import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { createServer as createSocketServer } from "node:net";
import type { Server as NetServer, Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createGraphTransport } from "./graph-transport.ts";
import type { GraphRequest, GraphTransport } from "./graph-transport.ts";

const REQUEST: GraphRequest = {
  method: "POST",
  path: "/v26.0/1/messages",
  accessToken: "token",
  body: { text: "hello" },
};

test("a whole answer is handed over with its status, whatever the status is", async () => {
  const { transport } = await serve((_request, response) => {
    response.writeHead(429, { "retry-after": "7" }).end("slow down");
  });

  expect(await transport.exchange(REQUEST)).toEqual({
    kind: "answered",
    status: 429,
    retryAfter: "7",
    body: "slow down",
  });
});

test("the request has method, path under the base, token and JSON body", async () => {
  const seen: unknown[] = [];
  const { server } = await serve((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const { authorization, "content-type": contentType } = request.headers;
      seen.push([request.method, request.url, authorization, contentType, body]);
      response.end();
    });
  });
  const transport = open(`http://127.0.0.1:${portOf(server)}/graph/`);

  await transport.exchange(REQUEST);
  await transport.exchange({ method: "GET", path: "/v26.0/1?fields=x", accessToken: "token" });

  expect(seen).toEqual([
    ["POST", "/graph/v26.0/1/messages", "Bearer token", "application/json", '{"text":"hello"}'],
    ["GET", "/graph/v26.0/1?fields=x", "Bearer token", undefined, ""],
  ]);
});

test("calls one after the other reuse connections", async () => {
  const { transport, server } = await serve((_request, response) => void response.end("{}"));
  let connections = 0;
  server.on("connection", () => (connections += 1));

  for (let call = 0; call < 20; call += 1) await transport.exchange(REQUEST);

  // undici frees a connection a moment after the answer, so that two take turns.
  expect(connections).toBeLessThanOrEqual(2);
});

test("many calls at once stay within 64 connections", async () => {
  const { transport, server } = await serve((_request, response) => {
    setImmediate(() => response.end("{}"));
  });
  let connections = 0;
  server.on("connection", () => (connections += 1));

  const kinds = await Promise.all(
    Array.from({ length: 200 }, async () => (await transport.exchange(REQUEST)).kind),
  );

  expect(new Set(kinds)).toEqual(new Set(["answered"]));
  expect(connections).toBeLessThanOrEqual(64);
});

test("a refused connection is not sent", async () => {
  const { server } = await serve(() => {});
  const port = portOf(server);
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;

  expect(await open(`http://127.0.0.1:${port}`).exchange(REQUEST)).toMatchObject({
    kind: "not-sent",
    cause: { code: "ECONNREFUSED" },
  });
});

test("a host without an address is not sent", async () => {
  expect(await open("http://graph.invalid", 3_000).exchange(REQUEST)).toMatchObject({
    kind: "not-sent",
  });
});

test("a failed TLS handshake is not sent", async () => {
  let requests = 0;
  const { server } = await serve(() => (requests += 1));

  const exchange = await open(`https://127.0.0.1:${portOf(server)}`).exchange(REQUEST);

  expect(exchange.kind).toBe("not-sent");
  expect(requests).toBe(0);
});

test("a time limit that ends before the connection is ready is not sent", async () => {
  // Accepts connections, but never answers the TLS handshake.
  const port = await listenSilently();

  expect(await open(`https://127.0.0.1:${port}`, 100).exchange(REQUEST)).toMatchObject({
    kind: "not-sent",
  });
});

test("a call that is aborted while it waits for a free connection is never written", async () => {
  const controller = new AbortController();
  const answers: (() => void)[] = [];
  const allConnectionsTaken = Promise.withResolvers<void>();
  const { transport } = await serve((_request, response) => {
    answers.push(() => response.end("{}"));
    if (answers.length === 64) allConnectionsTaken.resolve();
  });

  const running = Array.from({ length: 64 }, () => transport.exchange(REQUEST));
  await allConnectionsTaken.promise;
  const waiting = transport.exchange({ ...REQUEST, signal: controller.signal });
  controller.abort();

  expect(await waiting).toMatchObject({ kind: "not-sent" });
  for (const answer of answers) answer();
  await Promise.all(running);
  await transport.close();
  expect(answers).toHaveLength(64);
});

test("a time limit that ends before the answer is a broken exchange", async () => {
  const { server } = await serve(() => {});

  expect(await open(`http://127.0.0.1:${portOf(server)}`, 100).exchange(REQUEST)).toMatchObject({
    kind: "broken",
    cause: { message: "No answer within 100 ms" },
  });
});

test("an answer whose body does not end in time is a broken exchange", async () => {
  const { server } = await serve((_request, response) => {
    response.writeHead(200);
    response.write('{"messages":');
  });

  expect(await open(`http://127.0.0.1:${portOf(server)}`, 100).exchange(REQUEST)).toMatchObject({
    kind: "broken",
  });
});

test("a connection that is dropped after the request was read is a broken exchange", async () => {
  const { transport } = await serve((request) => {
    request.on("end", () => request.socket.destroy()).resume();
  });

  expect(await transport.exchange(REQUEST)).toMatchObject({ kind: "broken" });
});

test("a connection that is dropped while the request is written is a broken exchange", async () => {
  const { server, transport } = await serve(() => {});
  server.on("connection", (socket: Socket) => socket.once("data", () => socket.destroy()));

  const exchange = await transport.exchange({ ...REQUEST, body: { text: "x".repeat(8_000_000) } });

  expect(exchange).toMatchObject({ kind: "broken" });
});

test("a kept connection that the server drops under the next request is never written again", async () => {
  const seen: number[] = [];
  const { transport } = await serve((request, response) => {
    seen.push(seen.length);
    if (seen.length === 1) response.end("{}");
    else request.socket.destroy();
  });

  expect(await transport.exchange(REQUEST)).toMatchObject({ kind: "answered" });
  expect(await transport.exchange(REQUEST)).toMatchObject({ kind: "broken" });
  expect(seen).toEqual([0, 1]);
});

test("an answer that is cut off is a broken exchange", async () => {
  const { transport } = await serve((_request, response) => {
    response.writeHead(500, { "content-length": "100" });
    response.write("half", () => response.destroy());
  });

  expect(await transport.exchange(REQUEST)).toMatchObject({ kind: "broken" });
});

test("an answer that is no HTTP is a broken exchange", async () => {
  const { server } = await serve(() => {});
  server.on("connection", (socket: Socket) => socket.end("SMTP ready\r\n\r\n"));

  const exchange = await open(`http://127.0.0.1:${portOf(server)}`).exchange(REQUEST);

  expect(exchange.kind).toBe("broken");
});

test("an answer without end is cut off", async () => {
  const { transport } = await serve((_request, response) => {
    const chunk = "x".repeat(64 * 1024);
    const pump = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", pump).on("error", () => {});
    pump();
  });

  expect(await transport.exchange(REQUEST)).toMatchObject({
    kind: "broken",
    cause: { code: "UND_ERR_RES_EXCEEDED_MAX_SIZE" },
  });
});

test("an abort before the call is not sent", async () => {
  let requests = 0;
  const { transport } = await serve(() => (requests += 1));

  const exchange = await transport.exchange({ ...REQUEST, signal: AbortSignal.abort() });
  await transport.close();

  expect(exchange).toMatchObject({ kind: "not-sent" });
  expect(requests).toBe(0);
});

test("an abort while Meta works on it is a broken exchange", async () => {
  const controller = new AbortController();
  const { transport } = await serve(() => controller.abort(new Error("stopping")));

  expect(await transport.exchange({ ...REQUEST, signal: controller.signal })).toMatchObject({
    kind: "broken",
    cause: { cause: { message: "stopping" } },
  });
});

test("an abort after the answer changes nothing and leaves no listener behind", async () => {
  const controller = new AbortController();
  const { transport } = await serve((_request, response) => void response.end("{}"));

  const exchange = await transport.exchange({ ...REQUEST, signal: controller.signal });
  controller.abort();

  expect(exchange).toMatchObject({ kind: "answered" });
  expect(await transport.exchange(REQUEST)).toMatchObject({ kind: "answered" });
});

test("a call after closing is not sent", async () => {
  const { transport } = await serve((_request, response) => void response.end("{}"));
  await transport.close();

  expect(await transport.exchange(REQUEST)).toMatchObject({ kind: "not-sent" });
});

function open(baseUrl: string, timeoutMs = 10_000): GraphTransport {
  const transport = createGraphTransport({ baseUrl, timeoutMs });
  onTestFinished(() => transport.close());
  return transport;
}

async function listen(server: NetServer): Promise<void> {
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
}

async function serve(
  listener: RequestListener,
): Promise<{ readonly server: Server; readonly transport: GraphTransport }> {
  const server = createServer(listener);
  await listen(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, transport: open(`http://127.0.0.1:${portOf(server)}`) };
}

async function listenSilently(): Promise<number> {
  const sockets: Socket[] = [];
  const server = createSocketServer((socket) => void sockets.push(socket.on("error", () => {})));
  await listen(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return portOf(server);
}

function portOf(server: NetServer): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return address.port;
}
