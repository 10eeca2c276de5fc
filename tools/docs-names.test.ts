import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_FOLDER } from "../src/config.ts";
import { createMetrics } from "../src/platform/metrics.ts";

test("every table and view of the schema is in ARCHITECTURE.md, section Data", () => {
  const data = /^## Data\n([\s\S]*?)^## /m.exec(read("ARCHITECTURE.md"))?.[1] ?? "";
  const schema = read("migrations/schema.sql");
  const names = [...schema.matchAll(/^create (?:table|view) (\w+)/gim)].map(
    ([, name = ""]) => name,
  );
  expect(names.length).toBeGreaterThan(30);
  expect(names.filter((name) => !data.includes(`\`${name}\``))).toEqual([]);
});

test("docs/operate/monitoring.md names the metrics that there are, and no others", async () => {
  const metrics = createMetrics(async () => ({ due: 0, running: 0, oldestDueMs: 0 }));
  const rendered = await metrics.render();
  const existing = [...rendered.matchAll(/^# HELP (parley_\w+)/gm)].map(([, name = ""]) => name);
  const page = read("docs/operate/monitoring.md").replaceAll("_bucket[", "[");
  const named = new Set([...page.matchAll(/\bparley_\w+/g)].map(([name]) => name));
  named.delete("parley_system"); // a role
  expect([...named].toSorted()).toEqual(existing.toSorted());
});

function read(file: string): string {
  return readFileSync(join(PROJECT_FOLDER, file), "utf8");
}
