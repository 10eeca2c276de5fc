import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";

/** A message as it came in. */
export type McpRequest = {
  readonly httpMethod: string;
  readonly headers: IncomingHttpHeaders;
  /** Empty without a body. */
  readonly method: string;
  readonly id: unknown;
  readonly params: Readonly<Record<string, unknown>>;
};

type Answer = (request: McpRequest, response: ServerResponse) => void;

/** What a fake server does in place of the usual, by JSON-RPC or HTTP method. */
export type McpBehaviour = Readonly<Record<string, Answer>>;

const Message = z.looseObject({
  method: z.string().default(""),
  id: z.unknown().optional(),
  params: z.record(z.string(), z.unknown()).default({}),
});

/** For tests: answers a request of JSON-RPC. */
export function answerWith(result: object): Answer {
  return ({ id }, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  };
}

/** For tests: answers with a bare HTTP status. */
export function answerStatus(status: number, headers: Record<string, string> = {}): Answer {
  return (_request, response) => void response.writeHead(status, headers).end();
}

/** For tests: an MCP server that can misbehave in every way, and remembers what it was told. */
export async function startFakeMcpServer(changes: McpBehaviour = {}) {
  const requests: McpRequest[] = [];
  const behaviour: Record<string, Answer> = {
    ...createBehaviour(),
    ...changes,
  };
  const streams = new Set<ServerResponse>();
  const server = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      const httpMethod = incoming.method ?? "";
      const message = Message.parse(body === "" ? {} : JSON.parse(body));
      const request = { ...message, id: message.id, httpMethod, headers: incoming.headers };
      requests.push(request);
      if (httpMethod === "GET" && behaviour["GET"] === undefined) {
        streams.add(response);
        response.on("close", () => streams.delete(response));
        response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
        return;
      }
      const answer =
        behaviour[httpMethod === "POST" ? message.method : httpMethod] ?? answerStatus(202);
      answer(request, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    requests,
    behaviour,
    /** Requests of this JSON-RPC or HTTP method. */
    received: (method: string) =>
      requests.filter((request) => request.method === method || request.httpMethod === method),
    notify: (method: string) => {
      for (const stream of streams)
        stream.write(`data: ${JSON.stringify({ jsonrpc: "2.0", method })}\n\n`);
    },
    connections: () =>
      new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count))),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function createBehaviour(): Record<string, Answer> {
  let sessions = 0;
  return {
    "server/discover": answerStatus(400),
    initialize: (request, response) => {
      sessions += 1;
      response.setHeader("mcp-session-id", `session-${sessions}`);
      answerWith({
        protocolVersion: "2025-06-18",
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: "fake", version: "1" },
      })(request, response);
    },
    "tools/list": answerWith({
      tools: [{ name: "order", description: "Orders", inputSchema: { type: "object" } }],
    }),
    "tools/call": answerWith({ content: [{ type: "text", text: "done" }] }),
  };
}
