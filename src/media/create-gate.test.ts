import { expect, test } from "vitest";
import { createGate } from "./create-gate.ts";

const NEVER = new AbortController().signal;

test("no more are in than there are places, and all get in, in their order", async () => {
  const gate = createGate({ places: 2, patienceMs: 10_000 });
  const began: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const all = ends.map(({ promise }, index) =>
    gate(async () => {
      began.push(index);
      await promise;
      return index;
    }, NEVER),
  );
  await Promise.resolve();
  expect(began).toEqual([0, 1]);
  ends[1]?.resolve();
  await all[1];
  await Promise.resolve();
  expect(began).toEqual([0, 1, 2]);
  for (const { resolve } of ends) resolve();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
});

test("whoever waits too long is told so, and takes no place", async () => {
  const gate = createGate({ places: 1, patienceMs: 1 });
  const { promise, resolve } = Promise.withResolvers<string>();
  const first = gate(() => promise, NEVER);
  expect(await gate(async () => "second", NEVER)).toBeNull();
  resolve("first");
  expect(await first).toBe("first");
  expect(await gate(async () => "third", NEVER)).toBe("third");
});

test("a failure gives the place back, and a stop ends the wait with its reason", async () => {
  const gate = createGate({ places: 1, patienceMs: 10_000 });
  await expect(gate(() => Promise.reject(new Error("broken")), NEVER)).rejects.toThrow("broken");
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = gate(() => promise, NEVER);
  const stop = new AbortController();
  const second = gate(async () => {}, stop.signal);
  stop.abort(new Error("stopped"));
  await expect(second).rejects.toThrow("stopped");
  resolve();
  await first;
});

test("whoever comes when it is over does not wait, and takes no free place", async () => {
  const gate = createGate({ places: 1, patienceMs: 3_600_000 });
  const over = AbortSignal.abort(new Error("stopped"));
  await expect(gate(async () => "worked", over)).rejects.toThrow("stopped");
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = gate(() => promise, NEVER);
  await expect(gate(async () => "worked", over)).rejects.toThrow("stopped");
  resolve();
  await first;
});
