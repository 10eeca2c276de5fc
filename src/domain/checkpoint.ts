import type { JsonValue } from "./webhook-event.ts";

/**
 * Runs a piece of a turn once: its result is stored under `name`, and a resumed turn gets the
 * stored result instead of running it again. Throws `TURN_OWNERSHIP_LOST` when another worker has
 * taken the turn over meanwhile; the caller must then stop without further effects.
 */
export type Checkpoint = <Result extends JsonValue>(
  name: string,
  work: () => Promise<Result>,
) => Promise<Result>;
