import { Agent, request } from "undici";
import { AppError } from "#domain/errors.ts";

/** Reads the vendor's whole answer, then hands it over; the AI SDK calls it like `fetch`. */
export type ModelFetch = typeof globalThis.fetch;

/** What the connections of all models share. */
export type ModelConnections = {
  readonly fetch: ModelFetch;
  /** Closes the kept connections; calls under way are finished first. */
  readonly close: () => Promise<void>;
};

/** A model answers with some kilobytes; 8 MiB leaves room for long reasoning and stops a flood. */
const RESPONSE_BYTES_MAX = 8 * 1024 * 1024;

/** Models answer in seconds, so a connection is often idle for a while between two turns. */
const KEEP_ALIVE_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;
const CONNECTIONS_PER_ORIGIN = 256;

/**
 * Connections to the model providers, kept alive between calls. The time limit is the caller's:
 * the signal ends the request. `request` of undici stands behind it instead of its `fetch`, since
 * it costs less CPU, and because redirects, which could carry the key elsewhere, stay answers.
 */
export function createModelConnections(): ModelConnections {
  const dispatcher = new Agent({
    connections: CONNECTIONS_PER_ORIGIN,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    fetch: async (url, init) => {
      const content = init?.body;
      const isWhole = typeof content === "string" || content instanceof Uint8Array;
      if (typeof url !== "string" || !isWhole) {
        throw new TypeError("A model call has an address and a text or bytes as its body");
      }
      const { statusCode, headers, body } = await request(url, {
        dispatcher,
        method: "POST",
        headers: Object.fromEntries(new Headers(init?.headers)),
        body: content,
        signal: init?.signal ?? null,
      });
      const bytes = await readWithin(body, RESPONSE_BYTES_MAX);
      return new Response(bytes.length === 0 ? null : bytes, {
        // Response refuses numbers outside of this range, which only a broken server sends.
        status: Math.min(Math.max(statusCode, 200), 599),
        headers: flattenHeaders(headers),
      });
    },
    close: () => dispatcher.close(),
  };
}

/** The body's bytes; leaving the loop early destroys the stream, and with it the connection. */
async function readWithin(body: AsyncIterable<Uint8Array>, sizeBytesMax: number) {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > sizeBytesMax) {
      throw new AppError("MODEL_ANSWER_UNUSABLE", "The model's answer is larger than allowed", {
        details: { sizeBytesMax },
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
}

function flattenHeaders(headers: Record<string, string | string[] | undefined>): Headers {
  const flat = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return flat;
}
