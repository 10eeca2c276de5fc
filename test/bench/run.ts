/**
 * Measures Parley against the floor: `DATABASE_URL=… npm run bench [-- part …]`. The server must run on
 * this machine. docs/benchmarks.md tells what is measured and what it came to.
 */
import { openBenchServer } from "./bench-database.ts";
import { compareLoads } from "./compare-loads.ts";
import { measureCommits } from "./measure-commits.ts";
import { startOutsideWorld } from "./outside-world-client.ts";
import { reportCommits } from "./report.ts";
import { createAccount, parleyEnvironment } from "./subjects.ts";

const serverUrl = process.env["DATABASE_URL"];
if (serverUrl === undefined) {
  process.stderr.write("The bench needs DATABASE_URL: a PostgreSQL server on this machine.\n");
  process.exit(2);
}
const parts = new Set(process.argv.slice(2));
const wants = (part: string): boolean => parts.size === 0 || parts.has(part);

const server = await openBenchServer(serverUrl);
const world = await startOutsideWorld();
try {
  const databaseUrl = await server.createDatabase();
  const account = await createAccount(databaseUrl);
  const environment = parleyEnvironment(account, { apisUrl: world.url, databaseUrl });
  const bench = { server, world, account, environment };
  for (const part of ["throughput", "latency"] as const)
    if (wants(part)) process.stdout.write(await compareLoads(bench, part));
  if (wants("commits")) process.stdout.write(reportCommits(await measureCommits(bench, 1_000)));
} finally {
  await world.process.stop();
  await server.close();
}
