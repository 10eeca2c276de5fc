import { setTimeout as pause } from "node:timers/promises";

const LOOK_EVERY_MS = 50;

/** Looks until something holds; also outside of a test, where `expect.poll` does not work. */
export async function until(holds: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  const endsAt = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > endsAt) throw new Error(`It did not come to that in ${timeoutMs} ms`);
    await pause(LOOK_EVERY_MS);
  }
}
