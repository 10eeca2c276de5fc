import type { IntegrationId } from "#domain/ids.ts";
import type { Clock } from "#platform/clock.ts";

/** Whether the servers behind integrations are asked at all, as far as this process has seen. */
export type Breakers = {
  /** Whether it is known to be out of order, and its minute is not over. */
  readonly isOpen: (id: IntegrationId) => boolean;
  /** Whether a call may be made now. After the minute one may, and the others wait for its outcome. */
  readonly admit: (id: IntegrationId) => boolean;
  readonly succeeded: (id: IntegrationId) => void;
  readonly failed: (id: IntegrationId) => void;
};

/** Failures in a row after which a server is left alone. */
const FAILURES_MAX = 3;
/** How long it is left alone, and how long a trial may take. */
const REST_MS = 60_000;

/** One circuit breaker for each integration, in memory. */
export function createBreakers(clock: Pick<Clock, "monotonicMs">): Breakers {
  const failing = new Map<IntegrationId, { failures: number; restUntilMs: number }>();
  const isOpen = (id: IntegrationId) =>
    (failing.get(id)?.restUntilMs ?? -Infinity) > clock.monotonicMs();
  return {
    isOpen,
    admit: (id) => {
      const state = failing.get(id);
      if (state === undefined || state.failures < FAILURES_MAX) return true;
      if (isOpen(id)) return false;
      state.restUntilMs = clock.monotonicMs() + REST_MS; // closed for the others while it is tried
      return true;
    },
    succeeded: (id) => {
      failing.delete(id);
    },
    failed: (id) => {
      const failures = (failing.get(id)?.failures ?? 0) + 1;
      const restUntilMs = failures < FAILURES_MAX ? -Infinity : clock.monotonicMs() + REST_MS;
      failing.set(id, { failures, restUntilMs });
    },
  };
}
