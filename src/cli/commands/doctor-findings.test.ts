import { expect, test } from "vitest";
import type { ServerHealth, WorkHealth } from "#store/health.ts";
import { checkServer } from "./check-server.ts";
import { checkWork } from "./check-work.ts";
import type { Finding } from "./finding.ts";

const server: ServerHealth = {
  version: "17.2",
  pgvector: "0.8.0",
  login: "parley",
  isSuperuser: false,
  bypassesRowSecurity: false,
  unprotectedTables: [],
};

const work: WorkHealth = {
  workers: 2,
  due: 0,
  oldestDueMs: 0,
  running: 1,
  failedToday: 0,
  uncertainSends: 0,
  openAlerts: [],
  chatbots: 1,
  activeChatbots: 1,
  unroutedToday: 0,
  lastWebhookMs: 1_000,
};

const levelOf = (findings: Iterable<Finding>, check: string): string | undefined =>
  [...findings].find((finding) => finding.check === check)?.level;

test("a sound installation has nothing but ok", () => {
  const findings = [...checkServer(server, "server"), ...checkWork(work)];
  expect(new Set(findings.map(({ level }) => level))).toEqual(new Set(["ok"]));
});

test.for<[Partial<ServerHealth>, string, string]>([
  [{ isSuperuser: true }, "database login", "warning"],
  [{ bypassesRowSecurity: true }, "database login", "warning"],
  [{ pgvector: null }, "pgvector", "problem"],
  [{ pgvector: "0.7.4" }, "pgvector", "problem"],
  [{ pgvector: "1.0.0" }, "pgvector", "ok"],
  [{ version: "15.4" }, "database", "warning"],
  [{ unprotectedTables: ["notes"] }, "row-level security", "problem"],
])("the database: %j makes %s a %s", ([change, check, level]) => {
  expect(levelOf(checkServer({ ...server, ...change }, "server"), check)).toBe(level);
});

test.for<[Partial<WorkHealth>, string, string]>([
  [{ workers: 0 }, "workers", "warning"],
  [{ workers: 0, due: 3 }, "workers", "problem"],
  [{ due: 3, oldestDueMs: 30_000 }, "queue", "warning"],
  [{ due: 3, oldestDueMs: 300_000 }, "queue", "problem"],
  [{ failedToday: 1 }, "failed turns", "warning"],
  [{ openAlerts: [{ severity: "critical", type: "turn_failed", count: 2 }] }, "alerts", "warning"],
  [{ uncertainSends: 1 }, "unknown outcomes", "warning"],
  [{ lastWebhookMs: null }, "webhooks", "warning"],
  [{ lastWebhookMs: 90_000_000 }, "webhooks", "warning"],
  [{ unroutedToday: 4 }, "webhooks", "warning"],
  [{ activeChatbots: 0, lastWebhookMs: null }, "webhooks", "ok"],
])("the work: %j makes %s a %s", ([change, check, level]) => {
  expect(levelOf(checkWork({ ...work, ...change }), check)).toBe(level);
});
