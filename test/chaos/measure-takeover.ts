import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";

/** How long turns stood still: from the death of their worker until another had claimed them. */
export type Takeover = {
  readonly turns: number;
  /** The last of them, in milliseconds; null when the worker owned nothing. */
  readonly ms: number | null;
  /** The longest time between two looks, in milliseconds: much more than 15 means a busy machine. */
  readonly slowestLookMs: number;
};

type Owned = {
  readonly key: string;
  readonly fence: string;
  readonly turn_id: string | null;
  readonly owner: string | null;
};

const POLL_MS = 15;
const PATIENCE_MS = 20_000;

/**
 * Watches the turns of a worker that has just died or was frozen.
 * @param since `performance.now()` of its death.
 */
export async function measureTakeover(
  observer: pg.Client,
  workerId: string,
  since: number,
): Promise<Takeover> {
  const { rows: owned } = await observer.query<Owned>(
    "select key, fence, turn_id, owner from mailboxes where owner = $1",
    [workerId],
  );
  const open = new Map(owned.map((box) => [box.key, box]));
  let turns = 0;
  let lastMs: number | null = null;
  let slowestLookMs = 0;
  let lookedAt = performance.now();
  while (open.size > 0 && performance.now() - since < PATIENCE_MS) {
    const { rows } = await observer.query<Owned>(
      "select key, fence, turn_id, owner from mailboxes where key = any ($1)",
      [[...open.keys()]],
    );
    for (const now of rows) {
      const then = open.get(now.key);
      if (then === undefined) continue;
      // Freeing raises the fence by one, and so does the claim that follows.
      const isTaken = Number(now.fence) >= Number(then.fence) + 2;
      // A statement that was under way when its worker died may still have ended the turn.
      const isEnded = now.fence === then.fence && now.owner === null;
      if (!isTaken && !isEnded) continue;
      open.delete(now.key);
      if (!isTaken) continue;
      turns += 1;
      lastMs = performance.now() - since;
    }
    // Commits something, as a heartbeat does: a machine that is slow at it is slow for the product too.
    await observer.query("select pg_logical_emit_message(true, 'chaos', 'look')");
    if (open.size > 0) await wait(POLL_MS);
    slowestLookMs = Math.max(slowestLookMs, performance.now() - lookedAt);
    lookedAt = performance.now();
  }
  if (open.size > 0) return { turns: turns + open.size, ms: Infinity, slowestLookMs };
  return { turns, ms: lastMs, slowestLookMs };
}
