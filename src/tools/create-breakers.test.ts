import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { IntegrationId } from "#domain/ids.ts";
import { createBreakers } from "./create-breakers.ts";

function start() {
  let nowMs = 0;
  const breakers = createBreakers({ monotonicMs: () => nowMs });
  const id = IntegrationId.parse(randomUUID());
  const pass = (durationMs: number) => {
    nowMs += durationMs;
  };
  return { breakers, id, pass };
}

test("three failures in a row open it for a minute, two and a success do not", () => {
  const { breakers, id, pass } = start();
  breakers.failed(id);
  breakers.failed(id);
  breakers.succeeded(id);
  breakers.failed(id);
  breakers.failed(id);
  expect(breakers.isOpen(id)).toBe(false);
  breakers.failed(id);
  expect(breakers.isOpen(id)).toBe(true);
  expect(breakers.admit(id)).toBe(false);
  pass(60_000);
  expect(breakers.isOpen(id)).toBe(false);
});

test("after the minute one call tries it, and its outcome decides for all", () => {
  const { breakers, id, pass } = start();
  for (let count = 0; count < 3; count += 1) breakers.failed(id);
  pass(60_000);
  expect([breakers.admit(id), breakers.admit(id)]).toEqual([true, false]);
  breakers.failed(id);
  expect(breakers.admit(id)).toBe(false);
  pass(60_000);
  expect(breakers.admit(id)).toBe(true);
  breakers.succeeded(id);
  expect([breakers.admit(id), breakers.admit(id)]).toEqual([true, true]);
});

test("a trial whose outcome never comes is followed by another after a minute", () => {
  const { breakers, id, pass } = start();
  for (let count = 0; count < 3; count += 1) breakers.failed(id);
  pass(60_000);
  breakers.admit(id);
  pass(60_000);
  expect(breakers.admit(id)).toBe(true);
});

test("one integration's failures say nothing of another", () => {
  const { breakers, id } = start();
  for (let count = 0; count < 3; count += 1) breakers.failed(id);
  expect(breakers.admit(IntegrationId.parse(randomUUID()))).toBe(true);
});
