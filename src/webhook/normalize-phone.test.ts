import { expect, test } from "vitest";
import { normalizePhone } from "./normalize-phone.ts";

test("a phone number is its digits", () => {
  expect(normalizePhone("15550001234")).toBe("15550001234");
  expect(normalizePhone("+1 (555) 000-1234")).toBe("15550001234");
  expect(normalizePhone(15550001234)).toBe("15550001234");
});

test("what is no phone number is nothing", () => {
  const odd = ["", " ", "+", "++1555", "Ann", "1555x", "1".repeat(33), -1555, 1.5e22, null, [], {}];
  for (const value of odd) expect(normalizePhone(value)).toBeUndefined();
  expect(normalizePhone(undefined)).toBeUndefined();
});
