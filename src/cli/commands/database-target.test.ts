import { expect, test } from "vitest";
import { readConfig } from "#config.ts";
import { targetConfig } from "./database-target.ts";

const server = readConfig({ DATABASE_URL: "postgres://u:p@db:5433/other?sslmode=require" });
const embedded = readConfig({ DATA_DIR: "/srv/parley" });

test("on a server --dev and --test name their database and keep the rest of the address", () => {
  expect(targetConfig(server, { dev: true }).DATABASE_URL).toBe(
    "postgres://u:p@db:5433/business_logic_db?sslmode=require",
  );
  expect(targetConfig(server, { test: true }).DATABASE_URL).toBe(
    "postgres://u:p@db:5433/test_business_logic_db?sslmode=require",
  );
  expect(targetConfig(server, {})).toBe(server);
});

test("embedded, the tests have a folder of their own", () => {
  expect(targetConfig(embedded, { dev: true }).DATA_DIR).toBe("/srv/parley");
  expect(targetConfig(embedded, { test: true }).DATA_DIR).toBe("/srv/parley-test");
});

test("both at once are refused", () => {
  expect(() => targetConfig(server, { dev: true, test: true })).toThrow("not both");
});
