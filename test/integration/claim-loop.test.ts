import { expect, test } from "vitest";
import { createClaimLoop } from "#mailbox/claim-loop.ts";
import { systemClock } from "#platform/clock.ts";
import { silentLogger } from "#platform/logger.ts";
import { emptyDatabase } from "../support/test-database.ts";

const HOUR_MS = 3_600_000;
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

test("a schedule that ends while its worker stops does not keep the process for another hour", async () => {
  const pool = { launch: () => {}, size: () => 0, keys: () => [] };
  const loop = createClaimLoop(
    { database: await emptyDatabase(), clock: systemClock, logger: silentLogger, pool },
    { places: 1, organizationCap: 1, documentPlaces: 1, pollMs: HOUR_MS },
  );
  loop.serve({
    workerId: "test",
    isAlive: () => true,
    lost: new Promise(() => {}),
    leave: () => Promise.resolve(),
  });
  await loop.pause();
  const before = timers();

  loop.freed(HOUR_MS);

  expect(timers()).toBe(before);
});
