import { expect, test } from "vitest";
import type { Clock } from "#platform/clock.ts";
import { createPace } from "./create-pace.ts";

/** A clock that stands still but for what slices take. */
function createClock() {
  const state = { nowMs: 0, slept: [] as number[] };
  const clock: Clock = {
    now: () => new Date(state.nowMs),
    monotonicMs: () => state.nowMs,
    sleep: async (durationMs) => void state.slept.push(durationMs),
  };
  return { clock, state };
}

const slices = async (databaseKind: "embedded" | "server", msPerRow: number) => {
  const { clock, state } = createClock();
  const pace = createPace({ clock, databaseKind });
  const sizes: number[] = [];
  for (let slice = 0; slice < 8; slice += 1) {
    const rows = pace.size();
    sizes.push(rows);
    await pace.run(rows, async () => void (state.nowMs += rows * msPerRow));
  }
  return { sizes, slept: state.slept };
};

test("slices grow to what the database writes in time, and no further than the thread bears", async () => {
  expect((await slices("server", 0.1)).sizes).toEqual([4, 8, 16, 32, 32, 32, 32, 32]);
  expect((await slices("server", 2)).sizes).toEqual([4, 8, 12, 12, 12, 12, 12, 12]);
});

test("a slow database gets small slices, but none so small that only transactions are made", async () => {
  expect((await slices("embedded", 50)).sizes).toEqual([4, 4, 4, 4, 4, 4, 4, 4]);
});

test("in the embedded database each slice is followed by a rest, so that conversations go on", async () => {
  expect((await slices("embedded", 2)).slept).toEqual([8, 8, 8, 8, 8, 8, 8, 8]);
  expect((await slices("server", 2)).slept).toEqual([]);
});
