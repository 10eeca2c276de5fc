import { type JSONRPCMessage, MCPClientError, type MCPTransport } from "@ai-sdk/mcp";
import type { GuardedAnswer } from "#providers/guarded-fetch/guarded-requests.ts";
import { addMeta } from "./call-context.ts";
import {
  ANSWER_BYTES_MAX,
  deliverMessages,
  EVENT_LIMIT,
  type TransportEvents,
} from "./deliver-messages.ts";
import type { McpHttp } from "./mcp-server.ts";
import { readEventStream } from "./read-event-stream.ts";
import { cancellationOf, GOODBYE_MS, isRequest, noAnswer, skipBody } from "./request-messages.ts";

/** From this version on there are no sessions: each request says everything. */
const FIRST_STATELESS_VERSION = "2026-07-28";
/** Servers end the stream of an answer right after it; then its connection can be used again. */
const STREAM_END_MS = 1_000;

type Streamable = {
  readonly http: McpHttp;
  readonly events: TransportEvents;
  readonly transport: MCPTransport;
  readonly closed: AbortController;
  /** Null before the server has named one. */
  readonly session: { id: string | null };
};

/**
 * MCP over streamable HTTP. The vendor's own transport is not used: a call whose stream breaks would
 * wait for ever with it, its answers have no size limit, and it tells nobody that the tools changed.
 */
export function createStreamableTransport(http: McpHttp, events: TransportEvents): MCPTransport {
  const transport: MCPTransport = {
    supportsProtocolVersionDiscovery: true,
    waitsForProtocolVersionDiscovery: true,
    supportsMcpToolParameterHeaders: true,
    start: () => Promise.resolve(),
    setProtocolVersion: (version) => {
      transport.protocolVersion = version;
    },
    send: async (message, options) => {
      await exchange(self, addMeta(message), options ?? {});
      if ("method" in message && message.method === "notifications/initialized")
        void listen(self).catch(() => {});
    },
    close: async () => {
      if (self.closed.signal.aborted) return;
      if (self.session.id !== null) await endSession(self);
      self.closed.abort();
      transport.onclose?.();
    },
  };
  const self = {
    http,
    events,
    transport,
    closed: new AbortController(),
    session: { id: null },
  } satisfies Streamable;
  return transport;
}

const isStateless = ({ transport }: Streamable) =>
  (transport.protocolVersion ?? "") >= FIRST_STATELESS_VERSION;

function sessionHeaders(self: Streamable): Record<string, string> {
  const { protocolVersion } = self.transport;
  return {
    ...(protocolVersion === undefined ? {} : { "mcp-protocol-version": protocolVersion }),
    ...(self.session.id === null || isStateless(self) ? {} : { "mcp-session-id": self.session.id }),
  };
}

function post(
  self: Streamable,
  message: JSONRPCMessage,
  { signal, headers }: { signal: AbortSignal; headers?: Record<string, string> },
): Promise<GuardedAnswer> {
  return self.http.send({
    method: "POST",
    headers: {
      ...headers,
      ...sessionHeaders(self),
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify(message),
    signal,
  });
}

/** Sends a message, and reads its answer where it has one. */
async function exchange(
  self: Streamable,
  message: JSONRPCMessage,
  { signal, headers }: { signal?: AbortSignal; headers?: Record<string, string> },
): Promise<void> {
  const ended = new AbortController();
  const giveUp = () => {
    ended.abort(signal?.reason);
    const cancellation = isStateless(self) ? null : cancellationOf(message);
    if (cancellation === null) return;
    void post(self, cancellation, { signal: AbortSignal.timeout(GOODBYE_MS) }).then(
      (answer) => answer.discard(),
      () => {},
    );
  };
  const stopWatching = () => signal?.removeEventListener("abort", giveUp);
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    const answer = await post(self, message, {
      signal: AbortSignal.any([ended.signal, self.closed.signal]),
      headers: { ...(isStateless(self) ? standardHeaders(message) : {}), ...headers },
    });
    if (!isStateless(self)) self.session.id = answer.header("mcp-session-id") ?? self.session.id;
    await readAnswer(self, message, {
      answer,
      onAnswered: () => {
        stopWatching();
        const timeout = AbortSignal.timeout(STREAM_END_MS);
        timeout.addEventListener("abort", () => ended.abort(timeout.reason), { once: true });
      },
    });
  } finally {
    stopWatching();
  }
}

async function readAnswer(
  self: Streamable,
  message: JSONRPCMessage,
  { answer, onAnswered }: { answer: GuardedAnswer; onAnswered: () => void },
): Promise<void> {
  if (answer.status >= 300) return readRefusal(self, message, answer);
  if (!isRequest(message)) return skipBody(answer);
  const deliver = (text: string) =>
    deliverMessages(text, self).some((id) => String(id) === String(message.id));
  const type = answer.header("content-type") ?? "";
  if (type.includes("application/json")) {
    if (!deliver(await answer.text(ANSWER_BYTES_MAX))) throw noAnswer();
    return;
  }
  if (!type.includes("text/event-stream")) {
    answer.discard();
    throw noAnswer();
  }
  let isAnswered = false;
  try {
    for await (const { event, data } of readEventStream(answer.chunks, EVENT_LIMIT)) {
      if (event !== "message" || !deliver(data)) continue;
      isAnswered = true;
      onAnswered();
    }
  } catch (error) {
    if (!isAnswered) throw error;
  }
  if (!isAnswered) throw noAnswer();
}

async function readRefusal(
  self: Streamable,
  message: JSONRPCMessage,
  answer: GuardedAnswer,
): Promise<void> {
  const hadSession = sessionHeaders(self)["mcp-session-id"] !== undefined;
  const text = await answer.text(ANSWER_BYTES_MAX).catch(() => "");
  // 404 is what the protocol says; servers that keep sessions in memory answer 400, too.
  if (hadSession && (answer.status === 404 || answer.status === 400)) self.events.sessionLost();
  else if (isRequest(message) && deliverMessages(text, self).includes(message.id)) return;
  throw new MCPClientError({ message: "The server refuses", statusCode: answer.status });
}

/** What the server says unasked. Without this stream nothing is missing but news. */
async function listen(self: Streamable): Promise<void> {
  const headers = { ...sessionHeaders(self), accept: "text/event-stream" };
  const answer = await self.http.send({ method: "GET", headers, signal: self.closed.signal });
  const isStream = (answer.header("content-type") ?? "").includes("text/event-stream");
  if (answer.status !== 200 || !isStream) return answer.discard();
  for await (const { event, data } of readEventStream(answer.chunks, EVENT_LIMIT))
    if (event === "message") deliverMessages(data, self);
}

async function endSession(self: Streamable): Promise<void> {
  const signal = AbortSignal.timeout(GOODBYE_MS);
  await self.http.send({ method: "DELETE", headers: sessionHeaders(self), signal }).then(
    (answer) => answer.discard(),
    () => {},
  );
}

/** What a request says of itself besides its body, so that proxies can tell requests apart. */
function standardHeaders(message: JSONRPCMessage): Record<string, string> {
  if (!isRequest(message)) return {};
  const name = message.method === "tools/call" ? message.params?.["name"] : undefined;
  return {
    "mcp-method": message.method,
    ...(typeof name === "string" ? { "mcp-name": encodeHeader(name) } : {}),
  };
}

function encodeHeader(text: string): string {
  const isPlain = /^[\t\x20-\x7e]*$/.test(text) && text.trim() === text && !text.startsWith("=?");
  return isPlain ? text : `=?base64?${Buffer.from(text).toString("base64")}?=`;
}
