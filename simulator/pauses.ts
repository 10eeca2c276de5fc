/** Pauses that can all be ended at once, when the simulator is reset or closed. */
export type Pauses = {
  /** Says whether the time passed, or the pause was cut short. */
  readonly wait: (durationMs: number) => Promise<"over" | "cancelled">;
  readonly cancelAll: () => void;
};

/**
 * Starts with nobody waiting. Not an AbortSignal: adding a listener to one takes time in
 * proportion to those already there, and under load thousands wait.
 */
export function createPauses(): Pauses {
  const waiting = new Set<() => void>();
  return {
    wait: (durationMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          waiting.delete(cancel);
          resolve("over");
        }, durationMs);
        function cancel() {
          clearTimeout(timer);
          resolve("cancelled");
        }
        waiting.add(cancel);
      }),
    cancelAll: () => {
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
}
