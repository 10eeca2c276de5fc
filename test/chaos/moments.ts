/** Who of the product's processes takes part in a call. */
export type ActorName = "serve-a" | "serve-b" | "worker-a" | "worker-b";

/** A boundary between two steps, as the wire shows it. */
export type Moment = {
  readonly actor: ActorName;
  /** `read`: the blue ticks and the typing indicator. `webhook`: a call to the product, not by it. */
  readonly call: "model" | "message" | "read" | "webhook";
  /**
   * `received` the whole request is here and the other side knows nothing of it;
   * `processed` the other side has answered and the caller does not know it;
   * `answered` the whole answer was written to the caller.
   */
  readonly stage: "received" | "processed" | "answered";
};

/** What becomes of the call: it goes on, or its connection is cut here. */
export type Verdict = "continue" | "drop";

type Watch = {
  readonly matches: (moment: Moment) => boolean;
  readonly act: (moment: Moment) => Verdict;
  readonly found: (moment: Moment) => void;
};

/** Where the relays report and the strikes lie in wait. */
export type Moments = {
  readonly reach: (moment: Moment) => Verdict;
  /**
   * Acts at the next moment that matches, inside the relay, before anything else can happen.
   * Resolves with that moment, or with null when it did not come in time.
   */
  readonly strikeAt: (
    watch: Pick<Watch, "matches" | "act">,
    timeoutMs: number,
  ) => Promise<Moment | null>;
};

/** Nobody lies in wait yet. */
export function createMoments(): Moments {
  let watches: readonly Watch[] = [];
  return {
    reach: (moment) => {
      const watch = watches.find(({ matches }) => matches(moment));
      if (watch === undefined) return "continue";
      watches = watches.filter((other) => other !== watch);
      const verdict = watch.act(moment);
      watch.found(moment);
      return verdict;
    },
    strikeAt: ({ matches, act }, timeoutMs) =>
      new Promise((resolve) => {
        const watch: Watch = {
          matches,
          act,
          found: (moment) => {
            clearTimeout(timer);
            resolve(moment);
          },
        };
        const timer = setTimeout(() => {
          watches = watches.filter((other) => other !== watch);
          resolve(null);
        }, timeoutMs);
        watches = [...watches, watch];
      }),
  };
}
