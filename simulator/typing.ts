import type { Events } from "./events.ts";

/** A typing indicator on a customer's phone. */
export type TypingIndicator = {
  readonly phoneNumberId: string;
  readonly customerId: string;
  /** Milliseconds since 1970. */
  readonly untilMs: number;
};

/** Who sees that the business is typing. */
export type Typing = {
  readonly start: (indicator: TypingIndicator) => void;
  /** Nothing happens when it does not show. */
  readonly stop: (pair: Omit<TypingIndicator, "untilMs">) => void;
  /** Also those whose time is over; whoever draws them knows what time it is. */
  readonly all: () => readonly TypingIndicator[];
  readonly clear: () => void;
};

/** Starts with nobody typing. */
export function createTyping(deps: { readonly events: Events }): Typing {
  const indicators = new Map<string, TypingIndicator>();
  const keyOf = ({ phoneNumberId, customerId }: Omit<TypingIndicator, "untilMs">) =>
    `${phoneNumberId} ${customerId}`;
  return {
    start: (indicator) => {
      indicators.set(keyOf(indicator), indicator);
      deps.events.emit({ type: "typing", ...indicator });
    },
    stop: (pair) => {
      if (indicators.delete(keyOf(pair))) deps.events.emit({ type: "typing", ...pair, untilMs: 0 });
    },
    all: () => [...indicators.values()],
    clear: () => indicators.clear(),
  };
}
