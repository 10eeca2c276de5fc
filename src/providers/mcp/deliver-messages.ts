import { type JSONRPCMessage, type MCPTransport, validateJSONRPCMessage } from "@ai-sdk/mcp";
import { z } from "zod";
import { answerTooLarge } from "#providers/guarded-fetch/guarded-requests.ts";

/** The longest answer that is read: 2 MB hold any text, and a picture that is only named then. */
export const ANSWER_BYTES_MAX = 2 * 1024 * 1024;

/** The same for an event of a stream. */
export const EVENT_LIMIT = {
  sizeCharactersMax: ANSWER_BYTES_MAX,
  tooLarge: () => answerTooLarge(ANSWER_BYTES_MAX),
};

/** What a transport tells besides answers. */
export type TransportEvents = {
  /** The server's tools are others now. */
  readonly toolsChanged: () => void;
  /** The server has forgotten the session. */
  readonly sessionLost: () => void;
};

const Text = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue("not JSON");
    return z.NEVER;
  }
});

/**
 * Gives the messages of a JSON text to the client; what is none is left out, since a call without an
 * answer fails by itself. Returns the ids that were answered.
 */
export function deliverMessages(
  text: string,
  { transport, events }: { readonly transport: MCPTransport; readonly events: TransportEvents },
): readonly unknown[] {
  const parsed = Text.safeParse(text).data;
  const answered: unknown[] = [];
  for (const candidate of Array.isArray(parsed) ? parsed : [parsed]) {
    const message = toMessage(candidate);
    if (message === null) continue;
    if ("method" in message && !("id" in message)) {
      // The vendor's client knows no notifications.
      if (message.method === "notifications/tools/list_changed") events.toolsChanged();
      continue;
    }
    if (!("method" in message)) answered.push(message.id);
    give(message, transport);
  }
  return answered;
}

function toMessage(candidate: unknown): JSONRPCMessage | null {
  try {
    return validateJSONRPCMessage(candidate);
  } catch {
    return null;
  }
}

function give(message: JSONRPCMessage, transport: MCPTransport): void {
  try {
    transport.onmessage?.(message);
  } catch {
    // An answer that came after its call was given up: the client throws about that.
  }
}
