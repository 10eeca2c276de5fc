import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { PhoneNumber } from "../directory.ts";
import type { World } from "../world.ts";
import { sendGraphError } from "./apply-fault.ts";
import { graphError, tokenError, type GraphError } from "./graph-error.ts";

/** `/v26.0` and the like. */
export const VERSION = "/:version(^v\\d+\\.\\d+$)";

/** The number of the path, if it exists and the token may use it; otherwise the error is sent. */
export function authorize(
  world: World,
  request: FastifyRequest,
  reply: FastifyReply,
): PhoneNumber | undefined {
  if (!hasToken(request)) {
    sendGraphError(reply, tokenError());
    return undefined;
  }
  const { phoneNumberId } = z.object({ phoneNumberId: z.string() }).parse(request.params);
  const number = world.directory.findNumber(phoneNumberId);
  if (number === undefined) {
    sendGraphError(reply, unknownObject(phoneNumberId));
    return undefined;
  }
  if (!mayUse(number, request)) {
    sendGraphError(reply, tokenError());
    return undefined;
  }
  return number;
}

/** Whether the request carries the number's own token; any token will do when it has none. */
export function mayUse(number: PhoneNumber, request: FastifyRequest): boolean {
  return (
    number.accessToken === null || request.headers.authorization === `Bearer ${number.accessToken}`
  );
}

/** Whether a bearer token is there at all. */
export function hasToken(request: FastifyRequest): boolean {
  return /^Bearer .+$/u.test(request.headers.authorization ?? "");
}

/** Meta's answer for an id that does not exist. */
export function unknownObject(id: string): GraphError {
  return graphError(400, 33, `Object with ID '${id}' does not exist.`);
}
