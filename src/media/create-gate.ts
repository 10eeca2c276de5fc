/** Lets few in at once; null for whoever waited in vain. */
export type Gate = <Result>(
  work: () => Promise<Result>,
  signal: AbortSignal,
) => Promise<Result | null>;

/**
 * A gate for work that takes much memory, such as reading documents: `places` at once, the others wait
 * in their order, for `patienceMs` at most. Throws what the work throws.
 */
export function createGate(options: {
  readonly places: number;
  readonly patienceMs: number;
}): Gate {
  let free = options.places;
  const waiting = new Set<() => void>();

  const enter = (signal: AbortSignal): Promise<boolean> => {
    if (free > 0) {
      free -= 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const settle = (answer: { readonly isIn: boolean }) => {
        waiting.delete(letIn);
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        resolve(answer.isIn);
      };
      const letIn = () => settle({ isIn: true });
      const giveUp = () => settle({ isIn: false });
      const timer = setTimeout(giveUp, options.patienceMs);
      signal.addEventListener("abort", giveUp, { once: true });
      waiting.add(letIn);
    });
  };

  /** The place goes straight to the next, so that nobody slips in between. */
  const leave = () => {
    const [next] = waiting;
    if (next === undefined) free += 1;
    else next();
  };

  return async (work, signal) => {
    // A signal that has fired already tells nobody who begins to listen.
    signal.throwIfAborted();
    if (!(await enter(signal))) {
      signal.throwIfAborted();
      return null;
    }
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
