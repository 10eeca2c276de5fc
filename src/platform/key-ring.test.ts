import { expect, test } from "vitest";
import { createKeyRing, generateKey } from "./key-ring.ts";

const context = { organizationId: "0190-a", column: "whatsapp_access_token" };

test("what was sealed opens again, in its own place", () => {
  const ring = createKeyRing([generateKey()]);

  expect(ring.open(ring.seal("EAAG token", context), context)).toBe("EAAG token");
});

test.for([
  ["another organization", { ...context, organizationId: "0190-b" }],
  ["another column", { ...context, column: "whatsapp_app_secret" }],
] as const)("a secret moved to %s does not open", ([, place]) => {
  const ring = createKeyRing([generateKey()]);
  const sealed = ring.seal("EAAG token", context);

  expect(() => ring.open(sealed, place)).toThrow("does not belong here");
});

test("a secret that was changed does not open", () => {
  const ring = createKeyRing([generateKey()]);
  const sealed = ring.seal("EAAG token", context);
  const changed = `${sealed.slice(0, -4)}AAAA`;

  expect(() => ring.open(changed, context)).toThrow("was changed");
  expect(() => ring.open(sealed.slice(0, 30), context)).toThrow("was changed");
  expect(() => ring.open("plain text", context)).toThrow("No key of ENCRYPTION_KEYS");
});

test("the first key seals, every key opens, and what an older one sealed begins otherwise", () => {
  const [older, newer] = [generateKey(), generateKey()];
  const sealed = createKeyRing([older]).seal("secret", context);
  const ring = createKeyRing([newer, older]);

  expect(ring.open(sealed, context)).toBe("secret");
  expect(sealed.startsWith(ring.prefix)).toBe(false);
  expect(ring.seal("secret", context).startsWith(ring.prefix)).toBe(true);
  expect(() => createKeyRing([newer]).open(sealed, context)).toThrow("No key of ENCRYPTION_KEYS");
});

test("a key of another size is refused", () => {
  expect(() => createKeyRing([Buffer.alloc(16).toString("base64")])).toThrow("32 bytes");
});
