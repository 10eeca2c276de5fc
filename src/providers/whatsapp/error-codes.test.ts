import { expect, test } from "vitest";
import { ERRORS } from "#domain/errors.ts";
import { META_ERRORS, metaErrorRule } from "./error-codes.ts";

/** Every number of Meta's page, with what we promise to do: the page and the table must agree. */
const EXPECTED = {
  WHATSAPP_TOKEN_INVALID: [0, 190],
  WHATSAPP_PERMISSION_DENIED: [3, 10, 200, 201, 250, 299, 131005],
  WHATSAPP_UNAVAILABLE: [1, 2, 131000, 131016, 131057, 133004, 2494100],
  WHATSAPP_RATE_LIMITED: [4, 80007, 130429],
  WHATSAPP_PAIR_RATE_LIMITED: [131056],
  WHATSAPP_WINDOW_CLOSED: [131047],
  WHATSAPP_RECIPIENT_UNREACHABLE: [130403, 130472, 131026, 131030, 131049, 131050],
  WHATSAPP_ACCOUNT_RESTRICTED: [
    33, 368, 130497, 131031, 131037, 131042, 131045, 131048, 131064, 133000, 133005, 133006, 133008,
    133009, 133010, 133015, 133016, 134011,
  ],
  WHATSAPP_REQUEST_REJECTED: [
    100, 131008, 131009, 131021, 131051, 131052, 131053, 131062, 131063, 132000, 132001, 132005,
    132007, 132012, 132015, 132016, 132068, 132069, 135000,
  ],
} as const;

const EXPECTED_ROWS = Object.entries(EXPECTED).flatMap(([errorCode, metaCodes]) =>
  metaCodes.map((metaCode) => ({ metaCode, errorCode })),
);

test.each(EXPECTED_ROWS)("Meta's $metaCode is $errorCode, whatever the HTTP status", (row) => {
  const errorCodes = [200, 400, 401, 403, 429, 500, 503].map(
    (httpStatus) => metaErrorRule({ metaCode: row.metaCode, httpStatus }).errorCode,
  );

  expect(new Set(errorCodes)).toEqual(new Set([row.errorCode]));
});

test("the table has no number that is not promised here", () => {
  const promised = new Set<number>(EXPECTED_ROWS.map((row) => row.metaCode));

  expect(Object.keys(META_ERRORS).filter((metaCode) => !promised.has(Number(metaCode)))).toEqual(
    [],
  );
});

test("only failures that pass by themselves make somebody wait", () => {
  const pausing = Object.values(META_ERRORS).filter((rule) => rule.pause !== undefined);

  expect(pausing.filter((rule) => !ERRORS[rule.errorCode].retryable)).toEqual([]);
});

test.each([
  [{ metaCode: 4, httpStatus: 400 }, "app"],
  [{ metaCode: 80007, httpStatus: 400 }, "app"],
  [{ metaCode: 130429, httpStatus: 400 }, "number"],
  [{ metaCode: 131056, httpStatus: 400 }, "pair"],
  [{ metaCode: 131057, httpStatus: 400 }, "maintenance"],
  [{ metaCode: 2494100, httpStatus: 400 }, "maintenance"],
  [{ httpStatus: 429 }, "number"],
  [{ metaCode: 131047, httpStatus: 429 }, undefined],
])("%o makes wait: %s", (failure, pause) => {
  expect(metaErrorRule(failure).pause).toBe(pause);
});

test.each([
  [{ metaCode: 999_999, httpStatus: 429 }, "WHATSAPP_RATE_LIMITED"],
  [{ metaCode: 999_999, httpStatus: 500 }, "WHATSAPP_UNAVAILABLE"],
  [{ metaCode: 999_999, httpStatus: 400 }, "WHATSAPP_REQUEST_REJECTED"],
  [{ httpStatus: 503 }, "WHATSAPP_UNAVAILABLE"],
  [{ httpStatus: 408 }, "WHATSAPP_UNAVAILABLE"],
  [{ httpStatus: 302 }, "WHATSAPP_UNAVAILABLE"],
  [{ httpStatus: 404 }, "WHATSAPP_REQUEST_REJECTED"],
  [{ metaCode: 999_999 }, "WHATSAPP_REQUEST_REJECTED"],
  [{}, "WHATSAPP_REQUEST_REJECTED"],
])("an unknown failure is judged by its HTTP class: %o is %s", (failure, errorCode) => {
  expect(metaErrorRule(failure).errorCode).toBe(errorCode);
});
