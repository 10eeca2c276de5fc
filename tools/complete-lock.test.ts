import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { completeLock, parseLock } from "./complete-lock.ts";

const tool = {
  version: "1.2.3",
  dev: true,
  optionalDependencies: { "@tool/linux-x64-gnu": "1.2.3", "@tool/android-arm64": "1.2.3" },
};

test("a platform variant that npm left out gets an entry for its platform only", () => {
  const { lock, added } = completeLock({
    packages: {
      "node_modules/tool": tool,
      "node_modules/@tool/linux-x64-gnu": { version: "1.2.3", integrity: "sha512-x" },
    },
  });
  expect(added).toEqual(["@tool/android-arm64@1.2.3"]);
  expect(lock.packages["node_modules/@tool/android-arm64"]).toEqual({
    version: "1.2.3",
    dev: true,
    optional: true,
    os: ["android"],
    cpu: ["arm64"],
  });
});

test("the C library is told by the name", () => {
  const { lock } = completeLock({ packages: { "node_modules/tool": tool } });
  expect(lock.packages["node_modules/@tool/linux-x64-gnu"]).toMatchObject({
    os: ["linux"],
    cpu: ["x64"],
    libc: ["glibc"],
  });
});

test("a variant beside its package or in a folder above it is found", () => {
  const { added } = completeLock({
    packages: {
      "node_modules/a/node_modules/tool": tool,
      "node_modules/a/node_modules/tool/node_modules/@tool/android-arm64": { version: "1.2.3" },
      "node_modules/a/node_modules/@tool/linux-x64-gnu": { version: "1.2.3" },
    },
  });
  expect(added).toEqual([]);
});

test("the lock does not say where packages were downloaded from", () => {
  const { lock } = completeLock({
    packages: {
      "node_modules/zod": {
        version: "4.6.7",
        resolved: "https://registry.example/zod/-/zod-4.6.7.tgz",
      },
    },
  });
  expect(lock.packages["node_modules/zod"]).toEqual({ version: "4.6.7" });
});

test("the lock of this repository is complete", async () => {
  const text = await readFile(join(import.meta.dirname, "../package-lock.json"), "utf8");
  const { lock, added } = completeLock(parseLock(text));
  expect(added).toEqual([]);
  expect(`${JSON.stringify(lock, null, 2)}\n`).toBe(text);
});
