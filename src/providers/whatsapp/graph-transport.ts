import { Agent } from "undici";
import type { Dispatcher } from "undici";

/** One call of the Graph API. */
export type GraphRequest = {
  readonly method: "GET" | "POST";
  /** Version, node and query: `/v26.0/1234/messages`. */
  readonly path: string;
  readonly accessToken: string;
  /** Sent as JSON. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Sent as it is, in place of `body`. */
  readonly upload?: { readonly contentType: string; readonly bytes: Uint8Array };
  readonly signal?: AbortSignal | undefined;
};

/**
 * What became of a call. Only a connection knows whether a request can have reached the other
 * side, so this is decided here and nowhere else:
 * `answered` the whole HTTP answer is here, whatever its status;
 * `not-sent` no byte of the request was written, so nothing can have happened;
 * `broken` the request was (or may have been) written, and no whole answer came back.
 */
export type GraphExchange =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly retryAfter: string | undefined;
      readonly body: string;
    }
  | { readonly kind: "not-sent"; readonly cause: unknown }
  | { readonly kind: "broken"; readonly cause: unknown };

/** The connections to the Graph API. */
export type GraphTransport = {
  /** Never rejects: every outcome is a value. */
  readonly exchange: (request: GraphRequest) => Promise<GraphExchange>;
  /** Waits for running calls, then closes the connections. */
  readonly close: () => Promise<void>;
};

/** Where the Graph API is, and how long one call of it may take. */
export type GraphTransportOptions = {
  /** Scheme, host and an optional path, with or without a slash at the end. */
  readonly baseUrl: string;
  /** Limit of a whole call, from waiting for a connection to the last byte of the answer. */
  readonly timeoutMs: number;
};

/** Meta allows 80 messages a second and number; at half a second a call this carries 128. */
const CONNECTIONS_MAX = 64;

/**
 * An idle connection is closed by us after this time, before the other side does it: a request
 * written into a connection that is just being closed has an unknown outcome.
 */
const IDLE_CONNECTION_MS = 10_000;

/** Meta's answers have a few hundred bytes; more than this is no answer of Meta. */
const ANSWER_SIZE_MAX_BYTES = 256 * 1024;

/** Opens the connections to the Graph API lazily; nothing is opened before the first call. */
export function createGraphTransport(options: GraphTransportOptions): GraphTransport {
  const baseUrl = new URL(options.baseUrl);
  const basePath = baseUrl.pathname.replace(/\/+$/, "");
  const agent = new Agent({
    allowH2: false,
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    keepAliveMaxTimeout: IDLE_CONNECTION_MS,
    // The one timer of `exchange` covers headers and body.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: ANSWER_SIZE_MAX_BYTES,
    connect: { timeout: options.timeoutMs },
  });

  let closing: Promise<void> | undefined;

  return {
    exchange: (request) =>
      new Promise((resolve) => {
        const call = watchCall({ resolve, signal: request.signal, timeoutMs: options.timeoutMs });
        if (call.isSettled()) return;
        agent.dispatch(
          {
            origin: baseUrl.origin,
            path: basePath + request.path,
            method: request.method,
            headers: buildHeaders(request),
            ...buildBody(request),
          },
          call.handler,
        );
      }),
    close: () => (closing ??= agent.close()),
  };
}

function buildHeaders(request: GraphRequest): Record<string, string> {
  return {
    accept: "application/json",
    authorization: `Bearer ${request.accessToken}`,
    ...(request.body === undefined ? {} : { "content-type": "application/json" }),
    ...(request.upload === undefined ? {} : { "content-type": request.upload.contentType }),
  };
}

function buildBody({ body, upload }: GraphRequest): { body?: string | Uint8Array } {
  if (upload !== undefined) return { body: upload.bytes };
  return body === undefined ? {} : { body: JSON.stringify(body) };
}

type CallOptions = {
  readonly resolve: (exchange: GraphExchange) => void;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
};

type Call = { readonly handler: Dispatcher.DispatchHandler; readonly isSettled: () => boolean };

/** Follows one call and settles it once: by its answer, its failure, its time limit or its signal. */
function watchCall({ resolve, signal, timeoutMs }: CallOptions): Call {
  const chunks: Buffer[] = [];
  let controller: Dispatcher.DispatchController | undefined;
  let isSettled = false;
  let status = 0;
  let retryAfter: string | undefined;

  const settle = (exchange: GraphExchange): void => {
    if (isSettled) return;
    isSettled = true;
    clearTimeout(timer);
    signal?.removeEventListener("abort", stopBySignal);
    resolve(exchange);
  };
  const fail = (cause: unknown): void => {
    settle({ kind: controller === undefined ? "not-sent" : "broken", cause });
  };
  const stop = (reason: Error): void => {
    fail(reason);
    controller?.abort(reason);
  };
  const stopBySignal = (): void => stop(new Error("Aborted", { cause: signal?.reason }));
  const timer = setTimeout(() => stop(new Error(`No answer within ${timeoutMs} ms`)), timeoutMs);

  signal?.addEventListener("abort", stopBySignal, { once: true });
  if (signal?.aborted === true) stopBySignal();

  const handler: Dispatcher.DispatchHandler = {
    // undici calls this right before it writes. A call that ended while it waited for a connection
    // is withdrawn here, and a second start would be a second writing of the same message.
    onRequestStart(starting) {
      if (isSettled || controller !== undefined) starting.abort(new Error("Withdrawn"));
      else controller = starting;
    },
    onResponseStart(_controller, statusCode, headers) {
      status = statusCode;
      retryAfter = [headers["retry-after"]].flat()[0];
    },
    onResponseData(_controller, chunk) {
      chunks.push(chunk);
    },
    onResponseEnd() {
      settle({
        kind: "answered",
        status,
        retryAfter,
        body: Buffer.concat(chunks).toString("utf8"),
      });
    },
    onResponseError(_controller, error) {
      fail(error);
    },
  };
  return { handler, isSettled: () => isSettled };
}
