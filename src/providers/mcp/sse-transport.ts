import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  MCPClientError,
  type MCPTransport,
} from "@ai-sdk/mcp";
import { AppError } from "#domain/errors.ts";
import type { GuardedAnswer } from "#providers/guarded-fetch/guarded-requests.ts";
import { addMeta } from "./call-context.ts";
import { deliverMessages, EVENT_LIMIT, type TransportEvents } from "./deliver-messages.ts";
import type { McpHttp } from "./mcp-server.ts";
import { readEventStream } from "./read-event-stream.ts";
import { cancellationOf, GOODBYE_MS, isRequest, noAnswer, skipBody } from "./request-messages.ts";

type Sse = {
  readonly http: McpHttp;
  readonly events: TransportEvents;
  readonly transport: MCPTransport;
  readonly closed: AbortController;
  /** Where messages go: the server's first event says it. */
  readonly endpoint: { url: string | null };
  /** Requests without an answer yet, by their id. */
  readonly unanswered: Map<string, PromiseWithResolvers<void>>;
};

/**
 * The older form of MCP: messages go out as requests, and all answers come back on one stream. When it
 * ends, so do all calls that wait on it.
 */
export function createSseTransport(http: McpHttp, events: TransportEvents): MCPTransport {
  const transport: MCPTransport = {
    start: async () => {
      const answer = await openStream(self);
      const ready = Promise.withResolvers<void>();
      void readEvents(self, answer, ready.resolve)
        .catch((error: unknown) => error)
        .then((error) => end(self, error ?? noAnswer()))
        .then(ready.reject);
      await ready.promise;
    },
    send: (message, options) => send(self, addMeta(message), options?.signal),
    close: () => {
      if (!self.closed.signal.aborted) {
        self.closed.abort();
        transport.onclose?.();
      }
      return Promise.resolve();
    },
  };
  const self = {
    http,
    events,
    transport,
    closed: new AbortController(),
    endpoint: { url: null },
    unanswered: new Map(),
  } satisfies Sse;
  return transport;
}

async function openStream({ http, closed }: Sse): Promise<GuardedAnswer> {
  const headers = { accept: "text/event-stream" };
  const answer = await http.send({ method: "GET", headers, signal: closed.signal });
  const type = answer.header("content-type") ?? "";
  if (answer.status === 200 && type.includes("text/event-stream")) return answer;
  answer.discard();
  throw new MCPClientError({ message: "No event stream", statusCode: answer.status });
}

async function readEvents(self: Sse, answer: GuardedAnswer, onReady: () => void): Promise<void> {
  for await (const { event, data } of readEventStream(answer.chunks, EVENT_LIMIT)) {
    if (event === "endpoint") {
      self.endpoint.url ??= endpointOf(data, self.http.url);
      onReady();
    } else if (event === "message") {
      for (const id of deliverMessages(data, self)) self.unanswered.get(String(id))?.resolve();
    }
  }
}

/** Tells everybody who waits why the stream ended, and then that it did. Returns the reason. */
async function end(self: Sse, reason: unknown): Promise<unknown> {
  self.events.sessionLost();
  for (const { reject } of self.unanswered.values()) reject(reason);
  // The client would otherwise hear of the end first, which says less.
  await new Promise((resolve) => setImmediate(resolve));
  await self.transport.close();
  return reason;
}

/** Credentials go there, so it must be the same server. */
function endpointOf(data: string, url: string): string {
  const endpoint = URL.canParse(data, url) ? new URL(data, url) : null;
  if (endpoint === null || endpoint.origin !== new URL(url).origin)
    throw new AppError("TOOL_MISCONFIGURED", "The tool's server sends messages elsewhere.");
  return endpoint.href;
}

async function send(self: Sse, message: JSONRPCMessage, signal?: AbortSignal): Promise<void> {
  const limits = [self.closed.signal, ...(signal === undefined ? [] : [signal])];
  const expected = isRequest(message) ? expectAnswer(self, message, signal) : null;
  try {
    const answer = await post(self, message, AbortSignal.any(limits));
    await skipBody(answer);
    if (answer.status >= 300)
      throw new MCPClientError({ message: "The server refuses", statusCode: answer.status });
    await expected?.answered;
  } finally {
    expected?.stop();
  }
}

type Expected = { readonly answered: Promise<void>; readonly stop: () => void };

function expectAnswer(self: Sse, message: JSONRPCRequest, signal?: AbortSignal): Expected {
  const id = String(message.id);
  const answer = Promise.withResolvers<void>();
  answer.promise.catch(() => {}); // nobody asks when the message could not be sent
  const giveUp = () => {
    answer.reject(signal?.reason);
    const cancellation = cancellationOf(message);
    if (cancellation === null || self.closed.signal.aborted) return;
    void post(self, cancellation, AbortSignal.timeout(GOODBYE_MS)).then(
      ({ discard }) => discard(),
      () => {},
    );
  };
  signal?.addEventListener("abort", giveUp, { once: true });
  self.unanswered.set(id, answer);
  return {
    answered: answer.promise,
    stop: () => {
      self.unanswered.delete(id);
      signal?.removeEventListener("abort", giveUp);
    },
  };
}

async function post(
  self: Sse,
  message: JSONRPCMessage,
  signal: AbortSignal,
): Promise<GuardedAnswer> {
  if (self.endpoint.url === null) throw new MCPClientError({ message: "Not connected" });
  const { protocolVersion } = self.transport;
  return self.http.send({
    url: self.endpoint.url,
    method: "POST",
    headers: {
      ...(protocolVersion === undefined ? {} : { "mcp-protocol-version": protocolVersion }),
      "content-type": "application/json",
    },
    body: JSON.stringify(message),
    signal,
  });
}
