import type { BenchServer } from "./bench-database.ts";
import type { OutsideWorld } from "./outside-world-client.ts";
import type { LoadReport, Pace } from "./outside-world-protocol.ts";
import { readCpuMs } from "./processes.ts";
import type { Account, Subject } from "./subjects.ts";

/** One load on one subject. */
export type LoadMeasurement = {
  readonly report: LoadReport;
  /** Milliseconds of CPU for each message, of each process and the database. */
  readonly cpuMs: Readonly<Record<string, number>>;
};

/** What a load is made of. */
export type LoadPlan = { readonly messages: number; readonly pace: Pace };

const REPLIES_TIMEOUT_MS = 120_000;

/** Sends a load and waits for all replies. @throws when a webhook was refused or a reply is missing. */
export async function measureLoad(
  bench: { readonly server: BenchServer; readonly world: OutsideWorld; readonly account: Account },
  measured: { readonly subject: Subject; readonly other: Subject },
  plan: LoadPlan,
): Promise<LoadMeasurement> {
  const { subject, other } = measured;
  const { appSecret, phoneNumberIds } = bench.account;
  await bench.world.ask({
    kind: "prepare",
    count: plan.messages,
    url: subject.webhookUrl,
    phoneNumberIds: [...phoneNumberIds],
    appSecret,
  });

  const counted = { ...subject.processes, "outside world": bench.world.process };
  const start = await readAll(counted);
  const stopServerCpu = await bench.server.startCpu(other.databaseUrl);
  await bench.world.ask({ kind: "send", pace: plan.pace });
  const report = await bench.world.ask({
    kind: "await replies",
    timeoutMs: REPLIES_TIMEOUT_MS,
  });
  const serverMs = await stopServerCpu();
  const end = await readAll(counted);

  if (report.accepted !== plan.messages || report.replies !== plan.messages)
    throw new Error(
      `${subject.name}: ${report.accepted} of ${plan.messages} accepted, ${report.replies} answered`,
    );
  const used = Object.entries(end).map(([name, ms]) => [name, ms - (start[name] ?? 0)] as const);
  const cpuMs = Object.fromEntries(
    [...used, ["database", serverMs] as const].map(([name, ms]) => [name, ms / plan.messages]),
  );
  return { report, cpuMs };
}

/** The cost of a message to whoever runs the subject: without the outside world. */
export function totalCpuMs(measurement: LoadMeasurement): number {
  return Object.entries(measurement.cpuMs).reduce(
    (sum, [name, ms]) => (name === "outside world" ? sum : sum + ms),
    0,
  );
}

async function readAll(processes: LoadSubjectProcesses): Promise<Readonly<Record<string, number>>> {
  const entries = Object.entries(processes);
  return Object.fromEntries(
    await Promise.all(
      entries.map(async ([name, counted]) => [name, await readCpuMs(counted)] as const),
    ),
  );
}

type LoadSubjectProcesses = Subject["processes"];
