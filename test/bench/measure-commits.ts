import { setTimeout as delay } from "node:timers/promises";
import type { BenchServer } from "./bench-database.ts";
import type { OutsideWorld } from "./outside-world-client.ts";
import type { Pace } from "./outside-world-protocol.ts";
import { type Account, startServe, startWork } from "./subjects.ts";

/** Commits for each message, by phase. */
export type CommitMeasurement = {
  /** Webhooks in, nobody works: what accepting costs, the notification of the workers included. */
  readonly accept: number;
  /** A worker drains what waits. */
  readonly drain: number;
  /**
   * Both at once, at a rate at which turns come one by one; without what starts, stops and heartbeats
   * cost in the same time.
   */
  readonly live: number;
};

/** Everything that a measurement of Parley alone stands on. */
export type ParleyBench = {
  readonly server: BenchServer;
  readonly world: OutsideWorld;
  readonly account: Account;
  readonly environment: Readonly<Record<string, string>>;
};

/** PostgreSQL's backends report their commits when they end, at the latest. */
const REPORTED_AFTER_MS = 1_500;

/** Counts commits with the processes that make them stopped before each reading. */
export async function measureCommits(
  bench: ParleyBench,
  messages: number,
): Promise<CommitMeasurement> {
  const { server, environment } = bench;
  const closedLoop = { kind: "closed loop", connections: 50 } as const;
  const openLoop = { kind: "open loop", perSecond: 20 } as const;
  const liveMessages = Math.ceil(messages / 4);

  const accept = await countCommits(bench, async () => {
    const serve = await startServe(environment);
    await send(bench, { webhookUrl: serve.webhookUrl, messages, pace: closedLoop });
    await serve.process.stop();
  });
  const drain = await countCommits(bench, async () => {
    const work = await startWork(server, environment);
    await bench.world.ask({ kind: "await replies", timeoutMs: 120_000 });
    await work.stop();
  });
  const runLive = async (work: (webhookUrl: string) => Promise<unknown>) =>
    countCommits(bench, async () => {
      const serve = await startServe(environment);
      const worker = await startWork(server, environment);
      await work(serve.webhookUrl);
      await Promise.all([serve.process.stop(), worker.stop()]);
    });
  const live = await runLive(async (webhookUrl) => {
    await send(bench, { webhookUrl, messages: liveMessages, pace: openLoop });
    await bench.world.ask({ kind: "await replies", timeoutMs: 120_000 });
  });
  const idle = await runLive(() => delay((liveMessages * 1_000) / openLoop.perSecond));
  return { accept: accept / messages, drain: drain / messages, live: (live - idle) / liveMessages };
}

async function countCommits(bench: ParleyBench, work: () => Promise<void>): Promise<number> {
  const databaseUrl = bench.environment["DATABASE_URL"] ?? "";
  const before = await bench.server.readCommits(databaseUrl);
  await work();
  await delay(REPORTED_AFTER_MS);
  return (await bench.server.readCommits(databaseUrl)) - before;
}

async function send(
  { world, account }: ParleyBench,
  load: { readonly webhookUrl: string; readonly messages: number; readonly pace: Pace },
): Promise<void> {
  await world.ask({
    kind: "prepare",
    count: load.messages,
    url: load.webhookUrl,
    phoneNumberIds: [...account.phoneNumberIds],
    appSecret: account.appSecret,
  });
  const report = await world.ask({ kind: "send", pace: load.pace });
  if (report.accepted !== load.messages) throw new Error("Not every webhook was accepted");
}
