import { setTimeout as delay } from "node:timers/promises";

/** Time as an input, so that tests decide what time it is. */
export type Clock = {
  /** Wall time. Only for showing and for talking to others: durations use `monotonicMs`. */
  readonly now: () => Date;
  /** Milliseconds since an arbitrary start; never jumps. */
  readonly monotonicMs: () => number;
  /** Resolves after `durationMs`, rejects with the signal's reason when aborted. */
  readonly sleep: (durationMs: number, signal?: AbortSignal) => Promise<void>;
};

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: (durationMs, signal) =>
    delay(durationMs, undefined, signal === undefined ? {} : { signal }),
};
