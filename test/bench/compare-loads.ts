import type { ParleyBench } from "./measure-commits.ts";
import { type LoadMeasurement, type LoadPlan, measureLoad } from "./measure-load.ts";
import { reportComparison } from "./report.ts";
import { startFloor, startServe, startWork, type Subject } from "./subjects.ts";

/** A comparison: the load, and how often each subject gets it. */
type Comparison = { readonly plan: LoadPlan; readonly rounds: number };

/** By name of the part of the bench. */
const COMPARISONS = {
  /** As fast as it goes: 50 connections, each waits for its 200 and sends the next. */
  throughput: {
    plan: { messages: 1_000, pace: { kind: "closed loop", connections: 50 } },
    rounds: 7,
  },
  /** A busy day: 100 webhooks a second. */
  latency: { plan: { messages: 1_000, pace: { kind: "open loop", perSecond: 100 } }, rounds: 3 },
} as const satisfies Record<string, Comparison>;

/** Loads Parley and the floor in turn, after one round that warms both up. Returns Markdown. */
export async function compareLoads(
  bench: ParleyBench,
  part: keyof typeof COMPARISONS,
): Promise<string> {
  const { plan, rounds }: Comparison = COMPARISONS[part];
  const { server, environment } = bench;
  const serve = await startServe(environment);
  const work = await startWork(server, environment);
  const parley: Subject = {
    name: "Parley",
    webhookUrl: serve.webhookUrl,
    databaseUrl: environment["DATABASE_URL"] ?? "",
    processes: { serve: serve.process, work },
  };
  const floor = await startFloor(server, {
    account: bench.account,
    apisUrl: bench.world.url,
  });
  const measured: { readonly parley: LoadMeasurement[]; readonly floor: LoadMeasurement[] } = {
    parley: [],
    floor: [],
  };
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const ofFloor = await measureLoad(bench, { subject: floor, other: parley }, plan);
      const ofParley = await measureLoad(bench, { subject: parley, other: floor }, plan);
      if (round === 0) continue;
      measured.floor.push(ofFloor);
      measured.parley.push(ofParley);
    }
  } finally {
    const processes = [...Object.values(parley.processes), ...Object.values(floor.processes)];
    await Promise.all(processes.map((process) => process.stop()));
  }
  return reportComparison(part, measured);
}
