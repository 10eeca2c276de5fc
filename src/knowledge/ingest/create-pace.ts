import { setImmediate as giveWay } from "node:timers/promises";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#store/database.ts";

/** What pacing needs. */
export type PaceDeps = { readonly clock: Clock; readonly databaseKind: Database["kind"] };

/** Writes to the database in slices short enough for conversations to go on beside. */
export type Pace = {
  /** Rows that the next slice should have. */
  readonly size: () => number;
  /** Runs a slice of so many rows, and then lets others run. */
  readonly run: <Result>(rows: number, slice: () => Promise<Result>) => Promise<Result>;
};

/**
 * How long one transaction may take. The embedded database does its work in this thread and answers
 * webhooks over the same connection, so this is the longest that a message waits for a document; a
 * server has other connections.
 */
const SLICE_MS = { embedded: 8, server: 25 } as const;
/** The rows of a slice are written out as text in this thread: some 0.1 ms for each vector. */
const ROWS_MAX = 32;
/** Fewer cost more in transactions than they spare in waiting, as on a machine that is busy otherwise. */
const ROWS_MIN = 4;
const REST_MS_MAX = 20;

/** A pace that learns how many rows this database writes in time. */
export function createPace(deps: PaceDeps): Pace {
  const { clock, databaseKind } = deps;
  let size = ROWS_MIN;
  return {
    size: () => size,
    run: async (rows, slice) => {
      const startedMs = clock.monotonicMs();
      const result = await slice();
      const tookMs = Math.max(0.1, clock.monotonicMs() - startedMs);
      const fitting = Math.floor((rows * SLICE_MS[databaseKind]) / tookMs);
      size = Math.max(ROWS_MIN, Math.min(fitting, rows * 2, ROWS_MAX));
      // As long as the thread was taken, it is left to conversations.
      if (databaseKind === "embedded") await clock.sleep(Math.min(tookMs, REST_MS_MAX));
      else await giveWay();
      return result;
    },
  };
}
