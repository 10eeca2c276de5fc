import type { FastifyReply } from "fastify";
import type { GraphFault } from "../faults.ts";
import type { World } from "../world.ts";
import { graphError, tokenError, type GraphError } from "./graph-error.ts";

/** Waits as long as the delay switch says; returns at once after a reset. */
export async function applyDelay(world: World, delayMs: number): Promise<void> {
  if (delayMs === 0) return;
  await world.pauses.wait(delayMs);
}

/**
 * Lets a Graph call suffer the fault. Returns whether the call is over; `drop-after` is not
 * handled here, because the message has to be taken first.
 */
export function applyGraphFault(reply: FastifyReply, fault: GraphFault | undefined): boolean {
  if (fault === undefined || fault === "drop-after") return false;
  if (fault === "drop-before") {
    dropConnection(reply);
    return true;
  }
  if (fault === "unavailable") {
    void reply.code(503).type("text/html").send("<html><body>Service Unavailable</body></html>");
    return true;
  }
  sendGraphError(reply, ERRORS[fault]());
  return true;
}

/** Answers with an error in Meta's shape. */
export function sendGraphError(reply: FastifyReply, error: GraphError): void {
  void reply.code(error.status).send(error.body);
}

/** Cuts the connection without an answer. */
export function dropConnection(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.destroy();
}

const ERRORS = {
  "number-rate-limit": () =>
    graphError(
      429,
      130_429,
      "Message failed to send because there were too many messages sent from this phone number in a short period of time.",
    ),
  "pair-rate-limit": () =>
    graphError(
      429,
      131_056,
      "Message failed to send because there were too many messages sent from the sender phone number to the same recipient phone number in a short period of time.",
    ),
  "server-error": () => graphError(500, 131_000, "Message failed to send due to an unknown error."),
  "invalid-token": tokenError,
};
