import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** Migrates one template database per run; every test that asks for a database gets a copy of it. */
const globalSetup = ["test/support/global-setup.ts"].filter((file) => existsSync(file));

/** Test files share their process (a clean start per file costs more than the tests); a failure is never retried. */
const shared = { isolate: false, retry: 0, restoreMocks: true } as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["src/**/*.test.ts", "simulator/**/*.test.ts", "tools/**/*.test.ts"],
          testTimeout: 10_000,
        },
      },
      {
        test: {
          ...shared,
          name: "integration",
          include: ["test/integration/**/*.test.ts", "test/e2e/**/*.test.ts"],
          globalSetup,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...shared,
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          globalSetup,
          fileParallelism: false, // one Chromium at a time
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
    ],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      exclude: ["src/**/*.test.ts", "src/**/*-for-tests.ts", "src/store/generated/**"],
      reporter: ["text-summary", "html"],
      reportsDirectory: "coverage",
    },
  },
});
