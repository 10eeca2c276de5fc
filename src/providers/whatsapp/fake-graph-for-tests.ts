import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text as readText } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { AppError } from "#domain/errors.ts";
import { createWhatsAppClient } from "./whatsapp-client.ts";
import type { WhatsAppClient } from "./whatsapp-client.ts";

/** What the fake Graph API does with a request: drops the connection, keeps silent or answers. */
export type FakeAnswer =
  | "drop"
  | "silence"
  | {
      readonly status?: number;
      readonly headers?: Record<string, string>;
      readonly json?: unknown;
      readonly text?: string;
    };

/** A request as the fake Graph API saw it. */
export type FakeRequest = {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
};

/** A client, the Graph API that it talks to, and its clock, which only the test moves. */
export type FakeGraph = {
  readonly client: WhatsAppClient;
  readonly requests: FakeRequest[];
  readonly clock: { nowMs: number };
};

/** Starts a real HTTP server for one test, and a client of it; both end with the test. */
export async function startFakeGraph(answerTo: () => FakeAnswer): Promise<FakeGraph> {
  const requests: FakeRequest[] = [];
  const server = createServer((request, response) => {
    void handle(request, response);
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await listening;

  const address = server.address();
  const port = address === null || typeof address === "string" ? 0 : address.port;
  const clock = { nowMs: 0 };
  const client = createWhatsAppClient({
    graphApiBaseUrl: `http://127.0.0.1:${port}/`,
    graphApiVersion: "v26.0",
    timeoutMs: 10_000,
    clock: { monotonicMs: () => clock.nowMs },
    random: () => 0,
  });
  onTestFinished(async () => {
    await client.close();
    server.closeAllConnections();
    server.close();
  });
  return { client, requests, clock };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request);
    const { method, url, headers } = request;
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    requests.push({ method, url, authorization: headers.authorization, body });
    const answer = answerTo();
    if (answer === "drop") request.socket.destroy();
    if (typeof answer === "string") return;
    response.writeHead(answer.status ?? 200, answer.headers);
    response.end(answer.json === undefined ? answer.text : JSON.stringify(answer.json));
  }
}

/** The error that a call ends with; fails when it succeeds or ends otherwise. */
export async function failureOf(call: Promise<unknown>): Promise<AppError> {
  const outcome: unknown = await call.then(
    () => "success",
    (error: unknown) => error,
  );
  if (!(outcome instanceof AppError)) throw new Error("No AppError", { cause: outcome });
  return outcome;
}

/** An error body as Meta writes it, with words in it that nobody may pass on. */
export function metaError(code: number): unknown {
  return {
    error: {
      message: "(#0) secret words of Meta about +15551234567",
      type: "OAuthException",
      code,
      error_data: { messaging_product: "whatsapp", details: "secret words of Meta" },
      fbtrace_id: "Az8or2yhqkZ",
    },
  };
}
