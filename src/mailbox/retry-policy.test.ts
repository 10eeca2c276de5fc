import { expect, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import { decideRetry, isExhausted } from "./retry-policy.ts";

test("waits double from one second to one minute, spread over their upper half", () => {
  const error = new AppError("WHATSAPP_UNAVAILABLE", "down");
  const waits = (random: number) =>
    [1, 2, 3, 7].map((attempt) => decideRetry(error, attempt, random));

  expect(waits(1)).toEqual(
    [1_000, 2_000, 4_000, 60_000].map((waitMs) => ({ kind: "retry", waitMs })),
  );
  expect(waits(0)).toEqual(
    [500, 1_000, 2_000, 30_000].map((waitMs) => ({ kind: "retry", waitMs })),
  );
});

test("a wait that the other side asked for is kept", () => {
  const error = new AppError("WHATSAPP_RATE_LIMITED", "slow down", { retryAfterMs: 90_000 });

  expect(decideRetry(error, 1, 0)).toEqual({ kind: "retry", waitMs: 90_000 });
});

test("what cannot succeed by itself is not retried", () => {
  expect(decideRetry(new AppError("WHATSAPP_TOKEN_INVALID", "expired"), 1, 0)).toEqual({
    kind: "give up",
  });
});

test("a model gets four attempts, everything else eight", () => {
  const model = new AppError("MODEL_UNAVAILABLE", "down");
  const graph = new AppError("WHATSAPP_UNAVAILABLE", "down");

  expect([3, 4].map((attempt) => decideRetry(model, attempt, 0).kind)).toEqual([
    "retry",
    "give up",
  ]);
  expect([7, 8].map((attempt) => decideRetry(graph, attempt, 0).kind)).toEqual([
    "retry",
    "give up",
  ]);
  expect([8, 9].map(isExhausted)).toEqual([false, true]);
});
