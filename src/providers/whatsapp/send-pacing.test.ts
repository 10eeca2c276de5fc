import { expect, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import { createSendPacing } from "./send-pacing.ts";
import type { SendPacing, SendPacingOptions, SendRoute } from "./send-pacing.ts";

const ANNA: SendRoute = { phoneNumberId: "1", recipientKey: "15550000001" };
const BEN: SendRoute = { phoneNumberId: "1", recipientKey: "15550000002" };
const OTHER_NUMBER: SendRoute = { phoneNumberId: "2", recipientKey: "15550000001" };

test("a limited number waits twice as long after each refusal, at most a minute", () => {
  const { pacing, clock } = create();

  const pausesMs = Array.from({ length: 8 }, () => {
    const pauseMs = pacing.refused(ANNA, "number");
    clock.nowMs += pauseMs;
    return pauseMs;
  });

  expect(pausesMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test("a limited pair waits four times as long after each refusal, at most ten minutes", () => {
  const { pacing, clock } = create();

  const pausesMs = Array.from({ length: 7 }, () => {
    const pauseMs = pacing.refused(ANNA, "pair");
    clock.nowMs += pauseMs;
    return pauseMs;
  });

  expect(pausesMs).toEqual([1_000, 4_000, 16_000, 64_000, 256_000, 600_000, 600_000]);
});

test("a limited number holds back everybody behind it, and no other number", () => {
  const { pacing } = create();
  pacing.refused(ANNA, "number");

  expect(blockedBy(pacing, ANNA)).toEqual(["WHATSAPP_RATE_LIMITED", 1_000]);
  expect(blockedBy(pacing, BEN)).toEqual(["WHATSAPP_RATE_LIMITED", 1_000]);
  expect(blockedBy(pacing, { phoneNumberId: "1" })).toEqual(["WHATSAPP_RATE_LIMITED", 1_000]);
  expect(blockedBy(pacing, OTHER_NUMBER)).toBeUndefined();
});

test("a limited pair holds back this person at this number only", () => {
  const { pacing } = create();
  pacing.refused(ANNA, "pair");

  expect(blockedBy(pacing, ANNA)).toEqual(["WHATSAPP_PAIR_RATE_LIMITED", 1_000]);
  expect(blockedBy(pacing, BEN)).toBeUndefined();
  expect(blockedBy(pacing, OTHER_NUMBER)).toBeUndefined();
});

test("a used-up app quota and a maintenance wait for minutes", () => {
  const { pacing } = create();
  pacing.refused(ANNA, "app");
  pacing.refused(OTHER_NUMBER, "maintenance");

  expect(blockedBy(pacing, BEN)).toEqual(["WHATSAPP_RATE_LIMITED", 60_000]);
  expect(blockedBy(pacing, OTHER_NUMBER)).toEqual(["WHATSAPP_UNAVAILABLE", 60_000]);
});

test("the wait counts down and ends by itself", () => {
  const { pacing, clock } = create();
  pacing.refused(ANNA, "number");

  clock.nowMs += 400;
  expect(blockedBy(pacing, ANNA)).toEqual(["WHATSAPP_RATE_LIMITED", 600]);
  clock.nowMs += 600;
  expect(blockedBy(pacing, ANNA)).toBeUndefined();
});

test("refusals of messages that were on their way together count once", () => {
  const { pacing, clock } = create();

  for (let message = 0; message < 80; message += 1) pacing.refused(ANNA, "number");
  clock.nowMs += 1_000;

  expect(blockedBy(pacing, ANNA)).toBeUndefined();
  expect(pacing.refused(ANNA, "number")).toBe(2_000);
});

test("a success after the wait starts the lengths over", () => {
  const { pacing, clock } = create();
  pacing.refused(ANNA, "number");
  clock.nowMs += 1_000;
  pacing.refused(ANNA, "number");
  clock.nowMs += 2_000;

  pacing.succeeded(BEN);

  expect(pacing.refused(ANNA, "number")).toBe(1_000);
});

test("a success of a message that was on its way does not end the wait", () => {
  const { pacing } = create();
  pacing.refused(ANNA, "number");

  pacing.succeeded(BEN);

  expect(blockedBy(pacing, ANNA)).toEqual(["WHATSAPP_RATE_LIMITED", 1_000]);
});

test("a refusal of long ago does not lengthen today's wait", () => {
  const { pacing, clock } = create();
  pacing.refused(ANNA, "pair");
  clock.nowMs += 1_000 + 3_600_000;

  expect(pacing.refused(ANNA, "pair")).toBe(1_000);
});

test("those who wait for a number are spread", () => {
  const { pacing } = create({ random: () => 0.5 });

  expect(pacing.refused(ANNA, "number")).toBe(1_250);
  expect(blockedBy(pacing, ANNA)?.[1]).toBeGreaterThan(1_250);
});

test("the memory is bounded: the oldest wait is forgotten first", () => {
  const { pacing } = create({ pausesMax: 2 });
  pacing.refused(ANNA, "pair");
  pacing.refused(BEN, "pair");
  pacing.refused(OTHER_NUMBER, "pair");

  expect(blockedBy(pacing, ANNA)).toBeUndefined();
  expect(blockedBy(pacing, BEN)).toBeDefined();
  expect(blockedBy(pacing, OTHER_NUMBER)).toBeDefined();
});

function create(options: Partial<SendPacingOptions> = {}): {
  readonly pacing: SendPacing;
  readonly clock: { nowMs: number };
} {
  const clock = { nowMs: 50_000 };
  const pacing = createSendPacing({
    clock: { monotonicMs: () => clock.nowMs },
    random: () => 0,
    ...options,
  });
  return { pacing, clock };
}

/** Code and wait of the error that holds a message back. */
function blockedBy(pacing: SendPacing, route: SendRoute): readonly unknown[] | undefined {
  try {
    pacing.check(route);
    return undefined;
  } catch (error) {
    return error instanceof AppError ? [error.code, error.retryAfterMs] : [error];
  }
}
