/**
 * Measures Parley against the floor: `DATABASE_URL=… npm run bench`, or some parts of it with
 * `npm run bench -- throughput commits`. The server must run on this machine. docs/benchmarks.md tells
 * what is measured and what it came to.
 */
import { openBenchServer } from "./bench-database.ts";
import { compareLoads } from "./compare-loads.ts";
import { measureCommits } from "./measure-commits.ts";
import { measureFunctions } from "./measure-functions.ts";
import { measureMemory } from "./measure-memory.ts";
import { measureStarts } from "./measure-start.ts";
import { startOutsideWorld } from "./outside-world-client.ts";
import { reportCommits, reportFunctions, reportMemory, reportStarts } from "./report.ts";
import { createAccount, parleyEnvironment } from "./subjects.ts";

const PARTS = ["throughput", "latency", "commits", "functions", "memory", "start"] as const;

const serverUrl = process.env["DATABASE_URL"];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((part) => !PARTS.some((name) => name === part));
if (serverUrl === undefined || unknown.length > 0) {
  process.stderr.write(
    `The bench needs DATABASE_URL, a PostgreSQL server on this machine. Parts: ${PARTS.join(", ")}.\n`,
  );
  process.exit(2);
}

const server = await openBenchServer(serverUrl);
const world = await startOutsideWorld();
try {
  const databaseUrl = await server.createDatabase();
  const account = await createAccount(databaseUrl);
  const environment = parleyEnvironment(account, { apisUrl: world.url, databaseUrl });
  const bench = { server, world, account, environment };
  const measure = {
    throughput: () => compareLoads(bench, "throughput"),
    latency: () => compareLoads(bench, "latency"),
    commits: async () => reportCommits(await measureCommits(bench, 1_000)),
    functions: async () => reportFunctions(await measureFunctions(server)),
    memory: async () => reportMemory(await measureMemory(bench)),
    start: async () => reportStarts(await measureStarts(server)),
  } as const satisfies Record<(typeof PARTS)[number], () => Promise<string>>;
  for (const part of PARTS)
    if (wanted.length === 0 || wanted.includes(part)) process.stdout.write(await measure[part]());
} finally {
  await world.process.stop();
  await server.close();
}
