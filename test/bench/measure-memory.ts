import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ParleyBench } from "./measure-commits.ts";
import {
  answersOk,
  type BenchProcess,
  findFreePort,
  readMemoryMiB,
  spawnProcess,
  until,
} from "./processes.ts";
import { PARLEY, startServe, startWork } from "./subjects.ts";

/** Memory of a process in MiB: some seconds after its start, and the most that it had under load. */
export type MemoryMeasurement = {
  readonly name: string;
  readonly idle: number;
  readonly underLoad: number;
};

/** Long enough for what a start leaves behind to be collected. */
const IDLE_AFTER_MS = 5_000;
const MESSAGES = 3_000;
/** Below the 1,000 messages of a month that a new organization may have. */
const MESSAGES_EMBEDDED = 900;

/** Measures `serve`, `work`, and `start` with the embedded database. */
export async function measureMemory(bench: ParleyBench): Promise<readonly MemoryMeasurement[]> {
  return [...(await measureServer(bench)), await measureEmbedded(bench)];
}

async function measureServer(bench: ParleyBench): Promise<readonly MemoryMeasurement[]> {
  const serve = await startServe(bench.environment);
  const work = await startWork(bench.server, bench.environment);
  const processes = { serve: serve.process, work };
  try {
    const idle = await readIdle(processes);
    await load(bench, {
      webhookUrl: serve.webhookUrl,
      phoneNumberIds: bench.account.phoneNumberIds,
      messages: MESSAGES,
    });
    return await readPeaks(processes, idle);
  } finally {
    await Promise.all([serve.process.stop(), work.stop()]);
  }
}

async function measureEmbedded(bench: ParleyBench): Promise<MemoryMeasurement> {
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-"));
  const port = await findFreePort();
  const environment = {
    ...bench.environment,
    DATABASE_URL: "",
    DATA_DIR: folder,
    PORT: String(port),
  };
  const start = spawnProcess([PARLEY, "start"], environment);
  try {
    await until("parley start", () => answersOk(`http://127.0.0.1:${port}/readyz`));
    await createChatbot(environment);
    const processes = { "start, embedded database": start };
    const idle = await readIdle(processes);
    const webhookUrl = `http://127.0.0.1:${port}/webhook`;
    await load(bench, {
      webhookUrl,
      phoneNumberIds: [PHONE_NUMBER_ID],
      messages: MESSAGES_EMBEDDED,
    });
    const [measured] = await readPeaks(processes, idle);
    if (measured === undefined) throw new Error("Nothing was measured");
    return measured;
  } finally {
    await start.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const PHONE_NUMBER_ID = "100000000000900";

/** As an operator would, while the product runs. */
async function createChatbot(environment: Readonly<Record<string, string>>): Promise<void> {
  const settings = [
    ["--name", "Bench"],
    ["--phone-number-id", PHONE_NUMBER_ID],
    ["--access-token", "token"],
    ["--model", "openai:bench"],
    ["--reply-delay-ms", "0"],
  ];
  const create = spawnProcess([PARLEY, "chatbot", "create", ...settings.flat()], environment);
  if ((await create.ended) !== 0) throw new Error("parley chatbot create failed");
}

async function load(
  { world, account }: ParleyBench,
  target: {
    readonly webhookUrl: string;
    readonly phoneNumberIds: readonly string[];
    readonly messages: number;
  },
): Promise<void> {
  await world.ask({
    kind: "prepare",
    count: target.messages,
    url: target.webhookUrl,
    phoneNumberIds: [...target.phoneNumberIds],
    appSecret: account.appSecret,
  });
  await world.ask({ kind: "send", pace: { kind: "closed loop", connections: 50 } });
  const report = await world.ask({ kind: "await replies", timeoutMs: 300_000 });
  if (report.replies !== target.messages)
    throw new Error(`${report.replies} of ${target.messages} answered`);
}

type Processes = Readonly<Record<string, BenchProcess>>;

async function readIdle(processes: Processes): Promise<Readonly<Record<string, number>>> {
  await delay(IDLE_AFTER_MS);
  const idle: Record<string, number> = {};
  for (const [name, measured] of Object.entries(processes))
    idle[name] = (await readMemoryMiB(measured)).now;
  return idle;
}

async function readPeaks(
  processes: Processes,
  idle: Readonly<Record<string, number>>,
): Promise<readonly MemoryMeasurement[]> {
  return Promise.all(
    Object.entries(processes).map(async ([name, measured]) => ({
      name,
      idle: idle[name] ?? 0,
      underLoad: (await readMemoryMiB(measured)).peak,
    })),
  );
}
