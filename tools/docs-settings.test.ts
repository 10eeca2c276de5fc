import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_FOLDER, readConfig, SETTING_NAMES } from "../src/config.ts";

/** Read by compose.yaml, not by the program. */
const OF_COMPOSE = ["POSTGRES_PASSWORD"];

type Entry = {
  readonly name: string;
  readonly value: string;
  /** Commented out: the value is the default. */
  readonly isDefault: boolean;
  readonly isExplained: boolean;
};

const entries = readEntries(readFileSync(join(PROJECT_FOLDER, ".env.example"), "utf8"));
const byName = new Map(entries.map((entry) => [entry.name, entry]));

test(".env.example names every setting once, and nothing else", () => {
  const names = entries.map((entry) => entry.name);
  expect(names.toSorted()).toEqual([...SETTING_NAMES, ...OF_COMPOSE].toSorted());
});

test("every setting in .env.example is explained", () => {
  expect(entries.filter((entry) => !entry.isExplained).map((entry) => entry.name)).toEqual([]);
});

test("the defaults that .env.example shows are those of the code", () => {
  const shown = entries.filter((entry) => entry.isDefault);
  const config = readConfig(Object.fromEntries(shown.map(({ name, value }) => [name, value])));
  expect(config).toEqual(readConfig({}));
});

test("a setting without a value in .env.example has no default", () => {
  const defaults: Readonly<Record<string, unknown>> = readConfig({});
  const withDefault = SETTING_NAMES.filter((name) => defaults[name] !== undefined);
  const shown = entries.filter((entry) => entry.isDefault).map((entry) => entry.name);
  expect(shown.toSorted()).toEqual(withDefault.toSorted());
});

test("a copy of .env.example as it is changes nothing", () => {
  const active = entries.filter((entry) => !entry.isDefault);
  expect(active.filter((entry) => entry.value !== "")).toEqual([]);
  expect(byName.get("DATABASE_URL")?.isDefault).toBe(false);
});

function readEntries(text: string): readonly Entry[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const match = /^(# )?([A-Z][A-Z0-9_]*)=(\S*)$/.exec(line);
    if (match === null) return [];
    const [, comment, name = "", value = ""] = match;
    const isExplained = /^# \S+ .*\S/.test(lines[index - 1] ?? "");
    return [{ name, value, isDefault: comment !== undefined, isExplained }];
  });
}
