import { Agent, type Dispatcher, request } from "undici";
import { AppError } from "#domain/errors.ts";
import { type AddressRule, checkUrl } from "./check-url.ts";
import { createGuardedConnector, type Lookup } from "./guarded-connector.ts";
import { explainRequestFailure } from "./request-failure.ts";

/** A request to a server that a tenant chose. Its time limit is the signal's. */
export type GuardedRequest = {
  readonly url: string;
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
};

/** What the server said, its body still on the way: read it, or discard it. */
export type GuardedAnswer = {
  readonly status: number;
  /** Null where there is none. */
  readonly header: (name: string) => string | null;
  /** The body as it comes. Leaving a loop over it early ends the connection. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The whole body. @throws AppError TOOL_RESULT_TOO_LARGE beyond `sizeBytesMax`. */
  readonly text: (sizeBytesMax: number) => Promise<string>;
  readonly discard: () => void;
};

/** Calls servers that tenants chose: on public addresses only, with credentials, never redirected. */
export type GuardedRequests = {
  /** @throws AppError: TOOL_MISCONFIGURED, TOOL_UNAVAILABLE or TOOL_OUTCOME_UNKNOWN. */
  readonly send: (request: GuardedRequest) => Promise<GuardedAnswer>;
  /** Ends all connections. */
  readonly close: () => Promise<void>;
};

const CONNECT_TIMEOUT_MS = 5_000;
/** A turn calls a server several times within seconds. */
const KEEP_ALIVE_MS = 10_000;

/**
 * The door to the servers behind tools. Connections are kept for a moment: an address is checked when
 * it is connected to, and a connection cannot lead elsewhere afterwards. A redirect is an answer like
 * any other, since following it would carry credentials to where nobody meant them to go.
 */
export function createGuardedRequests(
  settings: AddressRule & { readonly lookup?: Lookup },
): GuardedRequests {
  const dispatcher = new Agent({
    connect: createGuardedConnector(settings, CONNECT_TIMEOUT_MS),
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: 32 * 1024,
    // A tool may be silent for as long as its signal allows; a stream of events, too.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    send: async ({ url, method, headers, body, signal }) => {
      try {
        const answer = await request(checkUrl(url, settings), {
          dispatcher,
          method,
          headers: { "user-agent": "Parley/1.0", ...headers, "accept-encoding": "identity" },
          body: body ?? null,
          signal,
        });
        return readable(answer, signal);
      } catch (error) {
        signal.throwIfAborted();
        throw explainRequestFailure(error);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

function readable(answer: Dispatcher.ResponseData, signal: AbortSignal): GuardedAnswer {
  const chunks = explained(answer.body, signal);
  return {
    status: answer.statusCode,
    header: (name) => {
      const value = answer.headers[name];
      return (Array.isArray(value) ? value[0] : value) ?? null;
    },
    chunks,
    text: async (sizeBytesMax) => {
      const parts: Uint8Array[] = [];
      let sizeBytes = 0;
      for await (const chunk of chunks) {
        sizeBytes += chunk.length;
        if (sizeBytes > sizeBytesMax) throw answerTooLarge(sizeBytesMax);
        parts.push(chunk);
      }
      return Buffer.concat(parts, sizeBytes).toString("utf8");
    },
    // Without a listener, undici's word about the end would end the process.
    discard: () => void answer.body.on("error", () => {}).destroy(),
  };
}

/** The server's answer is larger than what is read of one. */
export function answerTooLarge(sizeBytesMax: number): AppError {
  return new AppError(
    "TOOL_RESULT_TOO_LARGE",
    `The tool's server answered with more than ${Math.round(sizeBytesMax / (1024 * 1024))} MB.`,
    { details: { sizeBytesMax } },
  );
}

async function* explained(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    signal.throwIfAborted();
    throw explainRequestFailure(error);
  }
}
