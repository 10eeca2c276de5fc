import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createRandom, type Random } from "./create-random.ts";
import { customerWrites, type WrittenText } from "./customers-write.ts";
import { findViolations } from "./find-violations.ts";
import { type Outcome, readOutcome } from "./read-outcome.ts";
import { type Arena, startArena } from "./start-arena.ts";
import { type StrikeName, type StrikeResult, STRIKES } from "./strikes.ts";

/** What became of one seed. */
export type SeedReport = {
  readonly seed: number;
  readonly strikes: ReadonlyArray<{ readonly name: StrikeName; readonly result: StrikeResult }>;
  readonly texts: number;
  readonly outcome: Outcome;
  readonly violations: readonly string[];
  /** The longest time that a status was under way, in milliseconds. */
  readonly statusMs: number;
  readonly seconds: number;
};

export type SeedOptions = {
  readonly seed: number;
  readonly databaseUrl: string;
  readonly logFolder: string;
  readonly strikes: readonly StrikeName[];
};

/** Enough for every retry that the faults can cause. */
const IDLE_MS = 45_000;
/** Far below the time that an unknown outcome waits for its status, and above that of a first retry. */
const STATUS_DELAYS_MS = [0, 400, 2_500] as const;
const TURNS_LEAST = 10;
const MORE_MS = 20_000;

/** One run: people write, faults happen, blows fall; then everything comes to rest and is counted. */
export async function runSeed(options: SeedOptions): Promise<SeedReport> {
  const since = performance.now();
  const random = createRandom(options.seed);
  const statusDelayMs = random.pick(STATUS_DELAYS_MS);
  const arena = await startArena({ ...options, statusDelayMs });
  const strikes: Array<SeedReport["strikes"][number]> = [];
  try {
    await arena.simulator.setFaults(chooseFaults(random));
    let isOver = false;
    const people = arena.customers.map((customer) =>
      customerWrites(arena, { customer, random: random.fork() }, () => isOver),
    );
    const writing = Promise.all(people);
    writing.catch(() => {}); // awaited below, after the strikes
    const strikeRandom = random.fork();
    for (const name of options.strikes) {
      await wait(strikeRandom.between(100, 600));
      strikes.push({ name, result: await STRIKES[name](arena, strikeRandom.fork()) });
    }
    await untilEnoughTurns(arena);
    isOver = true;
    const written = (await writing).flat();
    await arena.simulator.clearFaults();
    const isIdle = await untilIdle(arena, written);
    const outcome = await readOutcome(arena);
    const ends = await arena.close();
    return {
      seed: options.seed,
      strikes,
      texts: written.length,
      outcome,
      violations: [
        ...(isIdle ? [] : [`not at rest after ${IDLE_MS / 1_000} s`]),
        ...ends,
        ...findViolations(outcome, written, readZombies(options.logFolder)),
      ],
      statusMs: arena.statuses.longestMs(),
      seconds: (performance.now() - since) / 1_000,
    };
  } catch (error) {
    await arena.close();
    throw error;
  }
}

/** Few enough that no turn runs out of attempts; a 429 of the Graph API pauses its number for a second. */
function chooseFaults(random: Random): unknown {
  return {
    graph: {
      delayMs: random.between(10, 80),
      chance: 0.15,
      chanceOf: ["number-rate-limit", "server-error", "unavailable", "drop-before", "drop-after"],
    },
    models: {
      delayMs: random.between(60, 250),
      next: random.happens(0.3) ? ["hang"] : [],
      chance: 0.12,
      chanceOf: ["rate-limit", "server-error", "drop", "garbage", "empty"],
    },
    statuses: {
      duplicate: random.happens(0.4),
      reordered: random.happens(0.4),
      beforeResponse: random.happens(0.3),
    },
    webhooks: { duplicates: random.between(0, 2), reordered: random.happens(0.4) },
  };
}

async function untilEnoughTurns(arena: Arena): Promise<void> {
  const deadlineMs = performance.now() + MORE_MS;
  while (performance.now() < deadlineMs) {
    const { rows } = await arena.observer.query<{ turns: number }>(
      "select count(*)::int as turns from turns where status = 'done'",
    );
    if ((rows[0]?.turns ?? 0) >= TURNS_LEAST) return;
    await wait(100);
  }
}

/** Resolves with false when something still moves after the longest time it may take. */
async function untilIdle(arena: Arena, written: readonly WrittenText[]): Promise<boolean> {
  const deadlineMs = performance.now() + IDLE_MS;
  while (performance.now() < deadlineMs) {
    const { rows } = await arena.observer.query<{ idle: boolean }>(
      `select not exists (select 1 from mailboxes
           where handler = 'conversation' and (owner is not null or last_seq > done_seq))
         and (select count(*) from messages where direction = 'inbound') >= $1 as idle`,
      [written.length],
    );
    if (rows[0]?.idle === true && (await isDelivered(arena))) return true;
    await wait(100);
  }
  return false;
}

async function isDelivered(arena: Arena): Promise<boolean> {
  const deliveries = await arena.simulator.deliveries();
  return deliveries.every(({ state }) => state === "acknowledged");
}

/** A worker that was frozen, cut off from the database, or too slow on a busy machine, says so when it notices. */
function readZombies(logFolder: string): "none" | "some" {
  const logs = ["worker-a", "worker-b"].map((name) =>
    readFileSync(join(logFolder, `${name}.log`), "utf8"),
  );
  return logs.some((log) => log.includes('"worker lost the database"')) ? "some" : "none";
}
