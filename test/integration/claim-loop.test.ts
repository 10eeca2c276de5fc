import { expect, test } from "vitest";
import type { Turn } from "#domain/turn.ts";
import { createClaimLoop } from "#mailbox/claim-loop.ts";
import { systemClock } from "#platform/clock.ts";
import { silentLogger } from "#platform/logger.ts";
import { postToMailbox } from "#store/mailboxes.ts";
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

test("what is posted right after a claim is claimed, though the timer for it goes off early", async () => {
  const database = await emptyDatabase();
  const launched = Promise.withResolvers<string>();
  const pool = { launch: ({ key }: Turn) => launched.resolve(key), size: () => 0, keys: () => [] };
  // On this clock every timer is early.
  const clock = { monotonicMs: () => systemClock.monotonicMs() / 2 };
  const loop = createClaimLoop(
    { database, clock, logger: silentLogger, pool },
    { places: 1, organizationCap: 1, documentPlaces: 1, pollMs: HOUR_MS },
  );
  loop.serve({
    workerId: "test",
    isAlive: () => true,
    lost: new Promise(() => {}),
    leave: () => Promise.resolve(),
  });
  await postToMailbox(database.db, {
    key: "test",
    organizationId: null,
    handler: "test",
    coalesces: false,
    payload: "message",
    waitMs: 0,
  });

  loop.wake();

  expect(await launched.promise).toBe("test");
  await loop.pause();
});
