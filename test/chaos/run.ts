import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type ChaosDatabases, createChaosDatabases } from "./chaos-database.ts";
import { chooseStrikes, STRIKE_NAMES } from "./choose-strikes.ts";
import { isPlant, type PlantName, PLANTS } from "./plants.ts";
import { describeEvidence, describeSeed, summarize, violationsOf } from "./report.ts";
import { runBursts } from "./run-bursts.ts";
import { runSeed, type SeedReport } from "./run-seed.ts";
import type { StrikeName } from "./strikes.ts";

const HELP = `Kills the product in the middle of its work, again and again, and counts what it answered.

DATABASE_URL=postgres://… npm run test:chaos [-- options]

  --plant <name>    plants a fault in the database first: ${Object.keys(PLANTS).join(", ")}.
                    The run must then end with violations
  --strike <name>   deals only this blow, in every seed
  --bursts-only     runs only the bursts of five texts

CHAOS_SEEDS=20      seeds 1 to 20 (the default)
CHAOS_SEED=7        only this one
CHAOS_PARALLEL=2    seeds that run at the same time
CHAOS_PLANT=fence   the same as --plant

DATABASE_URL is a PostgreSQL 17 server with pgvector and a superuser's login. Every seed gets a
database of its own there, which is dropped afterwards.
`;

type Options = {
  readonly databaseUrl: string;
  readonly seeds: readonly number[];
  readonly parallel: number;
  readonly plant: PlantName | null;
  readonly strikes: readonly StrikeName[] | null;
  readonly burstsOnly: boolean;
};

const options = readOptions();
if (options !== null) process.exitCode = (await run(options)) ? 0 : 1;

function readOptions(): Options | null {
  const { values } = parseArgs({
    options: {
      plant: { type: "string" },
      strike: { type: "string" },
      "bursts-only": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return null;
  }
  const { DATABASE_URL, CHAOS_SEED, CHAOS_SEEDS, CHAOS_PARALLEL, CHAOS_PLANT } = process.env;
  const plant = values.plant ?? CHAOS_PLANT ?? "";
  const strike = STRIKE_NAMES.find((name) => name === values.strike);
  if (DATABASE_URL === undefined)
    return refuse("The chaos needs a PostgreSQL server: set DATABASE_URL to a superuser's login.");
  if (plant !== "" && !isPlant(plant))
    return refuse(`There is no plant ${plant}; there are ${Object.keys(PLANTS).join(", ")}.`);
  if (values.strike !== undefined && strike === undefined)
    return refuse(`There is no strike ${values.strike}; there are: ${STRIKE_NAMES.join("; ")}.`);
  const seeds = Array.from({ length: Number(CHAOS_SEEDS ?? 20) }, (_, index) => index + 1);
  return {
    databaseUrl: DATABASE_URL,
    seeds: CHAOS_SEED === undefined ? seeds : [Number(CHAOS_SEED)],
    parallel: Number(CHAOS_PARALLEL ?? 2),
    plant: isPlant(plant) ? plant : null,
    strikes: strike === undefined ? null : [strike, strike, strike, strike],
    burstsOnly: values["bursts-only"],
  };
}

function refuse(sentence: string): null {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
  return null;
}

async function run(chosen: Options): Promise<boolean> {
  const databases = await createChaosDatabases(chosen.databaseUrl, chosen.plant);
  const logFolder = mkdtempSync(join(tmpdir(), "parley-chaos-"));
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void databases.close().finally(() => process.exit(130)));
  let isGreen = false;
  try {
    const burstViolations = await onCopy(databases, (databaseUrl) =>
      runBursts({ databaseUrl, logFolder: join(logFolder, "bursts") }),
    );
    say(`bursts of five: ${burstViolations.length === 0 ? "ok" : "RED"}`);
    for (const violation of burstViolations) say(`  - ${violation}`);

    const { reports, broken } = chosen.burstsOnly
      ? { reports: [], broken: [] }
      : await runSeeds(chosen, databases, logFolder);
    const summary = summarize(reports);
    const red = reports.filter((report) => violationsOf(report).length > 0);
    if (!chosen.burstsOnly) say(`\n${summary.text}`);
    for (const violation of [...broken, ...summary.violations]) say(`- ${violation}`);
    const count =
      burstViolations.length +
      broken.length +
      summary.violations.length +
      red.reduce((sum, report) => sum + violationsOf(report).length, 0);
    isGreen = count === 0;
    say(isGreen ? "no violations" : `${count} violations found; logs are in ${logFolder}`);
    return isGreen;
  } finally {
    await databases.close();
    if (isGreen) rmSync(logFolder, { recursive: true, force: true });
  }
}

type Seeds = {
  readonly reports: readonly SeedReport[];
  /** Seeds that came to no end, with what stood in the way. They show nothing, so they count as red. */
  readonly broken: readonly string[];
};

async function runSeeds(
  chosen: Options,
  databases: ChaosDatabases,
  logFolder: string,
): Promise<Seeds> {
  const waiting = [...chosen.seeds];
  const reports: SeedReport[] = [];
  const broken: string[] = [];
  const runOne = async (seed: number): Promise<void> => {
    const report = await onCopy(databases, (databaseUrl) =>
      runSeed({
        seed,
        databaseUrl,
        logFolder: join(logFolder, `seed-${seed}`),
        strikes: chosen.strikes ?? chooseStrikes(seed),
      }),
    );
    reports.push(report);
    say(describeSeed(report));
    if (violationsOf(report).length === 0) return;
    say(describeEvidence(report));
    if (chosen.plant !== null) waiting.length = 0; // it was found, that is all one wanted to know
  };
  const lane = async (): Promise<void> => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const own = seed;
      await runOne(own).catch((error: unknown) => {
        broken.push(`seed ${own} came to no end: ${String(error)}`);
      });
    }
  };
  await Promise.all(Array.from({ length: chosen.parallel }, lane));
  return { reports, broken };
}

async function onCopy<Result>(
  databases: ChaosDatabases,
  work: (databaseUrl: string) => Promise<Result>,
): Promise<Result> {
  const url = await databases.copy();
  try {
    return await work(url);
  } finally {
    await databases.drop(url);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
