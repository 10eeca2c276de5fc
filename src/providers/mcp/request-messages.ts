import type { JSONRPCMessage, JSONRPCRequest } from "@ai-sdk/mcp";
import { AppError } from "#domain/errors.ts";
import type { GuardedAnswer } from "#providers/guarded-fetch/guarded-requests.ts";

/** Nobody waits for a goodbye, so it gets no more time than this. */
export const GOODBYE_MS = 2_000;

/** Servers send nothing, or a word, where nothing is to be said. */
const EMPTY_BYTES_MAX = 64 * 1024;

/** Whether the message wants an answer. */
export const isRequest = (message: JSONRPCMessage): message is JSONRPCRequest =>
  "method" in message && "id" in message;

/** What tells the server that nobody waits for this request any more; null where nothing does. */
export function cancellationOf(message: JSONRPCMessage): JSONRPCMessage | null {
  if (!isRequest(message) || message.method === "initialize") return null;
  return {
    jsonrpc: "2.0",
    method: "notifications/cancelled",
    params: { requestId: message.id, reason: "Nobody waits for the answer any more." },
  };
}

/** Reads an answer that says nothing: its connection can be used again, unlike that of a discarded one. */
export async function skipBody(answer: GuardedAnswer): Promise<void> {
  await answer.text(EMPTY_BYTES_MAX).catch(() => {});
}

/** The connection ended although an answer was still to come. */
export function noAnswer(cause?: unknown): AppError {
  return new AppError(
    "TOOL_OUTCOME_UNKNOWN",
    "The tool's server ended the connection without an answer, so nobody knows whether it did what it was asked.",
    cause === undefined ? {} : { cause },
  );
}
