import { expect, test } from "vitest";
import { digestOf, isAnnounced } from "./verify-digest.ts";

const sha256 = digestOf(Buffer.from("hello"));
const base64 = Buffer.from(sha256, "hex").toString("base64");

test("both of Meta's ways to write a digest are understood", () => {
  expect(isAnnounced(sha256, sha256.toUpperCase())).toBe(true);
  expect(isAnnounced(sha256, base64)).toBe(true);
  expect(isAnnounced(sha256, base64.replaceAll("+", "-").replaceAll("/", "_"))).toBe(true);
});

test("another file's digest is not", () => {
  const other = digestOf(Buffer.from("other"));
  expect(isAnnounced(sha256, other)).toBe(false);
  expect(isAnnounced(sha256, Buffer.from(other, "hex").toString("base64"))).toBe(false);
  expect(isAnnounced(sha256, "garbage")).toBe(false);
});

test("where nothing is announced, there is nothing to compare", () => {
  expect(isAnnounced(sha256, undefined)).toBe(true);
});
