import { expect, test } from "vitest";
import { parseFixtureEvents, RECEIVED_AT, SENT_AT } from "./fixture-for-tests.ts";
import { parseStatus } from "./parse-status.ts";

const known = { id: "wamid.1", status: "sent", timestamp: "1790000000" };

test("a status carries our id and what it costs", () => {
  expect(parseFixtureEvents("status-sent")).toEqual([
    {
      kind: "status",
      whatsappMessageId: "wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMDAwMDAwMDAwMDAwMDA01",
      status: "sent",
      occurredAt: SENT_AT,
      outboundMessageId: "0197b3a0-1111-7000-8000-000000000001",
      pricingCategory: "service",
      pricingType: "regular",
      billable: true,
    },
  ]);
});

test("callback data that is not ours is no id of ours", () => {
  expect(parseFixtureEvents("status-played")[0]).not.toHaveProperty("outboundMessageId");
});

test("a failure carries the code and title of its first error", () => {
  expect(parseFixtureEvents("status-failed")).toMatchObject([
    { status: "failed", errorCode: 131_047, errorTitle: "Re-engagement message" },
  ]);
  const [titleOnly] = parseFixtureEvents("status-failed-with-title-only");
  expect(titleOnly).toMatchObject({ errorTitle: "Message undeliverable" });
  expect(titleOnly).not.toHaveProperty("errorCode");
});

test("an error code that is a text is read, one that is no code is left out", () => {
  const codeOf = (code: string | number | null) =>
    parseStatus({ ...known, errors: [{ code }] }, RECEIVED_AT)?.errorCode;
  expect(codeOf("131047")).toBe(131_047);
  for (const odd of ["", "many", 1.5, -1, 1e300, null]) expect(codeOf(odd)).toBeUndefined();
});

test("a status without an id or with an unknown word is recorded only", () => {
  expect(parseStatus({ ...known, id: "" }, RECEIVED_AT)).toBeUndefined();
  expect(parseStatus({ ...known, id: "x".repeat(600) }, RECEIVED_AT)).toBeUndefined();
  expect(parseStatus({ ...known, status: "toString" }, RECEIVED_AT)).toBeUndefined();
  expect(parseStatus({ ...known, status: ["read"] }, RECEIVED_AT)).toBeUndefined();
});

test("broken parts of a status cost only themselves", () => {
  const broken = {
    ...known,
    timestamp: {},
    errors: "none",
    pricing: [],
    biz_opaque_callback_data: 7,
  };
  expect(parseStatus(broken, RECEIVED_AT)).toEqual({
    kind: "status",
    whatsappMessageId: "wamid.1",
    status: "sent",
    occurredAt: RECEIVED_AT,
  });
});
