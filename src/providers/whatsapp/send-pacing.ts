import { AppError } from "#domain/errors.ts";
import type { Clock } from "#platform/clock.ts";
import type { PauseKind } from "./error-codes.ts";

/** Whom a message goes to, from which number. */
export type SendRoute = {
  readonly phoneNumberId: string;
  /** The person's phone number or user id; absent for calls that reach no person. */
  readonly recipientKey?: string;
};

/**
 * Remembers, in this process, which numbers and people Meta wants left in peace for a while, so
 * that a limited number is not hit again by every turn that waits for it. Other processes learn
 * the same from their own first refusal.
 */
export type SendPacing = {
  /** Throws, with `retryAfterMs`, when the number or the person has to wait. */
  readonly check: (route: SendRoute) => void;
  /** Notes that Meta refused a call. Returns the milliseconds until the next try makes sense. */
  readonly refused: (route: SendRoute, kind: PauseKind) => number;
  /** Notes that Meta took a message: what was waited for is over. */
  readonly succeeded: (route: SendRoute) => void;
};

/** The inputs of the memory, and its size. */
export type SendPacingOptions = {
  readonly clock: Pick<Clock, "monotonicMs">;
  /** From 0 to below 1, as `Math.random`. */
  readonly random: () => number;
  /** How many pauses are remembered; the oldest is forgotten first. */
  readonly pausesMax?: number;
};

type PauseRule = {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
  /** Part of the pause that is added at random, so that those who wait do not all come at once. */
  readonly jitter: number;
};

/** Meta asks for 4^X seconds, X from 0, after the pair limit; the rest are the usual doublings. */
const PAUSE_RULES: Readonly<Record<PauseKind, PauseRule>> = {
  pair: { firstMs: 1_000, factor: 4, maxMs: 600_000, jitter: 0 },
  number: { firstMs: 1_000, factor: 2, maxMs: 60_000, jitter: 0.5 },
  maintenance: { firstMs: 60_000, factor: 2, maxMs: 300_000, jitter: 0.1 },
  app: { firstMs: 60_000, factor: 2, maxMs: 3_600_000, jitter: 0.1 },
};

const PAUSE_ERRORS = {
  pair: [
    "WHATSAPP_PAIR_RATE_LIMITED",
    "Meta's limit for messages to one person is being waited for",
  ],
  number: ["WHATSAPP_RATE_LIMITED", "Meta's limit for this number is being waited for"],
  maintenance: ["WHATSAPP_UNAVAILABLE", "Meta's maintenance of this number is being waited for"],
  app: ["WHATSAPP_RATE_LIMITED", "Meta's limit for the app is being waited for"],
} as const satisfies Record<PauseKind, readonly [string, string]>;

const PAUSES_MAX = 10_000;

/** After so long without another refusal a pause starts at its first length again. */
const FORGET_AFTER_MS = 3_600_000;

type Pause = { readonly kind: PauseKind; readonly untilMs: number; readonly refusals: number };

/** See `SendPacing`. Knows only what this process met, and starts empty. */
export function createSendPacing(options: SendPacingOptions): SendPacing {
  const pausesMax = options.pausesMax ?? PAUSES_MAX;
  const pauses = new Map<string, Pause>();

  return {
    check(route) {
      for (const key of keysOf(route)) {
        const pause = pauses.get(key);
        const waitMs = pause === undefined ? 0 : pause.untilMs - options.clock.monotonicMs();
        if (pause === undefined || waitMs <= 0) continue;
        const [code, message] = PAUSE_ERRORS[pause.kind];
        throw new AppError(code, message, { retryAfterMs: withJitter(waitMs, pause.kind) });
      }
    },

    refused(route, kind) {
      const key = kind === "pair" ? pairKey(route) : route.phoneNumberId;
      const nowMs = options.clock.monotonicMs();
      const previous = pauses.get(key);
      // Calls that were on their way when the pause began tell nothing new.
      if (previous !== undefined && previous.untilMs > nowMs && previous.kind === kind) {
        return withJitter(previous.untilMs - nowMs, kind);
      }
      const isRepeated =
        previous !== undefined &&
        previous.kind === kind &&
        nowMs - previous.untilMs < FORGET_AFTER_MS;
      const refusals = isRepeated ? previous.refusals + 1 : 1;
      const pauseMs = withJitter(pauseLengthMs(kind, refusals), kind);
      remember(key, { kind, refusals, untilMs: nowMs + pauseMs });
      return pauseMs;
    },

    succeeded(route) {
      const nowMs = options.clock.monotonicMs();
      for (const key of keysOf(route)) {
        // A message that was on its way when the pause began does not end it.
        if ((pauses.get(key)?.untilMs ?? Infinity) <= nowMs) pauses.delete(key);
      }
    },
  };

  function remember(key: string, pause: Pause): void {
    pauses.delete(key);
    pauses.set(key, pause);
    const [oldest] = pauses.keys();
    if (pauses.size > pausesMax && oldest !== undefined) pauses.delete(oldest);
  }

  function withJitter(durationMs: number, kind: PauseKind): number {
    return Math.ceil(durationMs * (1 + options.random() * PAUSE_RULES[kind].jitter));
  }
}

function pauseLengthMs(kind: PauseKind, refusals: number): number {
  const { firstMs, factor, maxMs } = PAUSE_RULES[kind];
  return Math.min(firstMs * factor ** (refusals - 1), maxMs);
}

function keysOf(route: SendRoute): readonly string[] {
  return route.recipientKey === undefined
    ? [route.phoneNumberId]
    : [route.phoneNumberId, pairKey(route)];
}

function pairKey(route: SendRoute): string {
  return `${route.phoneNumberId} ${route.recipientKey ?? ""}`;
}
