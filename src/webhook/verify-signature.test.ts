import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { verifySignature } from "./verify-signature.ts";

const secret = "It's a Secret to Everybody";
const rawBody = Buffer.from("Hello, World!");
const hex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

test("the published test vector is accepted, in either case", () => {
  expect(verifySignature({ rawBody, header: `sha256=${hex}`, secret })).toBe(true);
  expect(verifySignature({ rawBody, header: `sha256=${hex.toUpperCase()}`, secret })).toBe(true);
});

test("another body, secret or digest is refused", () => {
  const header = `sha256=${hex}`;
  expect(verifySignature({ rawBody: Buffer.from("Hello, World"), header, secret })).toBe(false);
  expect(verifySignature({ rawBody, header, secret: "another secret" })).toBe(false);
  const changed = `sha256=${hex.slice(0, -1)}8`;
  expect(verifySignature({ rawBody, header: changed, secret })).toBe(false);
});

test("the signature covers the bytes, not the JSON that they mean", () => {
  const escaped = Buffer.from(String.raw`{"text":"\u00e4\/"}`);
  const header = `sha256=${createHmac("sha256", secret).update(escaped).digest("hex")}`;
  expect(verifySignature({ rawBody: escaped, header, secret })).toBe(true);
  const reserialised = Buffer.from(JSON.stringify(JSON.parse(escaped.toString())));
  expect(verifySignature({ rawBody: reserialised, header, secret })).toBe(false);
});

test("a header of an odd form is refused without an exception", () => {
  const odd = [
    undefined,
    null,
    "",
    "sha256=",
    hex,
    `sha1=${hex}`,
    `sha256=${hex}00`,
    `sha256=${hex.slice(2)}`,
    `sha256=${"z".repeat(64)}`,
    `sha256=${hex}\n`,
    ` sha256=${hex}`,
    `sha256=${"é".repeat(64)}`,
    [`sha256=${hex}`],
    { toString: () => `sha256=${hex}` },
    42,
  ];
  for (const header of odd) expect(verifySignature({ rawBody, header, secret })).toBe(false);
});

test("an empty secret accepts nobody, though anybody can sign with it", () => {
  const header = `sha256=${createHmac("sha256", "").update(rawBody).digest("hex")}`;
  expect(verifySignature({ rawBody, header, secret: "" })).toBe(false);
});

test("only the true signature of any body is accepted", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string({ minLength: 1 }), fc.anything(), (body, key, other) => {
      const header = `sha256=${createHmac("sha256", key).update(body).digest("hex")}`;
      expect(verifySignature({ rawBody: body, header, secret: key })).toBe(true);
      expect(verifySignature({ rawBody: body, header: other, secret: key })).toBe(false);
    }),
  );
});
