import { expect, test } from "vitest";
import { createKeyRing, generateKey } from "#platform/key-ring.ts";
import { ANA } from "./integration-for-tests.ts";
import { readCredentials, sealCredentials } from "./read-credentials.ts";

const keyRing = createKeyRing([generateKey()]);

test("sealed credentials are opened and stay as they are", () => {
  const sealed = sealCredentials(keyRing, ANA.organizationId, { api_key: "k" });
  expect(JSON.stringify(sealed)).not.toContain('"k"');
  expect(readCredentials(keyRing, ANA.organizationId, sealed)).toEqual({
    opened: { api_key: "k" },
    sealed: null,
  });
});

test("a plain value beside a sealed one is taken as it is and sealed for the future", () => {
  const before = sealCredentials(keyRing, ANA.organizationId, { secret: "s" });
  const read = readCredentials(keyRing, ANA.organizationId, { ...before, port: 7, plain: "p" });
  expect(read.opened).toEqual({ secret: "s", port: "7", plain: "p" });
  expect(readCredentials(keyRing, ANA.organizationId, read.sealed ?? {})).toEqual({
    opened: read.opened,
    sealed: null,
  });
});

test("credentials of another organization do not open", () => {
  const sealed = sealCredentials(keyRing, ANA.organizationId, { api_key: "k" });
  const other = "01930000-0000-7000-8000-00000000000f";
  expect(() => readCredentials(keyRing, other as typeof ANA.organizationId, sealed)).toThrow(
    "does not belong here",
  );
});
