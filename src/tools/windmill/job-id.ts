import { createHash, randomUUID } from "node:crypto";
import type { TurnId } from "#domain/ids.ts";

/**
 * The id of a call's job: the same whenever this call of this turn is made, and unlike any other. Without a
 * turn, as when an operator tries a tool, a new one each time.
 */
export function jobIdOf(turnId: TurnId | undefined, callKey: string | undefined): string {
  if (turnId === undefined || callKey === undefined) return randomUUID();
  const hash = createHash("sha256").update(`windmill ${turnId} ${callKey}`).digest("hex");
  // A UUID of version 8: its bits mean nothing but themselves.
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `a${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}
