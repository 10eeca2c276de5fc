import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A process of the bench. */
export type BenchProcess = {
  readonly pid: number;
  readonly child: ChildProcess;
  /** The exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Asks it to end and waits until it has. */
  readonly stop: () => Promise<void>;
};

/** What Linux counts CPU in: `getconf CLK_TCK` is 100 everywhere. */
const MS_PER_TICK = 10;
const STOP_TIMEOUT_MS = 30_000;

/** Starts a file of this folder with Node, with a channel for messages. */
export function forkProcess(
  file: string,
  environment: Readonly<Record<string, string>>,
): BenchProcess {
  return toProcess(
    fork(`${import.meta.dirname}/${file}`, { env: { ...process.env, ...environment } }),
  );
}

/** Starts any program; what it writes goes where the bench's own words go, when BENCH_VERBOSE is set. */
export function spawnProcess(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): BenchProcess {
  const [program = "", ...parameters] = command;
  const output = process.env["BENCH_VERBOSE"] === undefined ? "ignore" : "inherit";
  return toProcess(
    spawn(program, parameters, {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "ignore", output],
    }),
  );
}

function toProcess(child: ChildProcess): BenchProcess {
  const ended = once(child, "exit").then(([code]) => (typeof code === "number" ? code : null));
  return {
    pid: child.pid ?? 0,
    child,
    ended,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** A line of /proc/<pid>/stat, after the name, which may hold anything. */
export type ProcessStat = {
  readonly parentPid: number;
  readonly cpuMs: number;
  /** Of children that have ended. */
  readonly endedChildrenMs: number;
};

/** Null when there is no such process. */
export async function readStat(pid: number | string): Promise<ProcessStat | null> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (line === null) return null;
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const ticks = (index: number) => Number(fields[index]) * MS_PER_TICK;
  return {
    parentPid: Number(fields[1]),
    cpuMs: ticks(11) + ticks(12),
    endedChildrenMs: ticks(13) + ticks(14),
  };
}

/** CPU time that a process has used, all its threads, in milliseconds. */
export async function readCpuMs({ pid }: { readonly pid: number }): Promise<number> {
  return (await readStat(pid))?.cpuMs ?? Number.NaN;
}

/** Memory of a process that is in RAM, in MiB: now, and the most it ever was. */
export async function readMemoryMiB({
  pid,
}: {
  readonly pid: number;
}): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const read = (name: string) =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_024;
  return { now: read("VmRSS"), peak: read("VmHWM") };
}

/** A port that is free now. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Asks again and again until the answer is true. */
export async function until(
  what: string,
  isSo: () => Promise<boolean>,
  options: { readonly timeoutMs: number; readonly everyMs: number } = {
    timeoutMs: 60_000,
    everyMs: 20,
  },
): Promise<void> {
  const endMs = performance.now() + options.timeoutMs;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > endMs) throw new Error(`${what}: not within ${options.timeoutMs} ms`);
    await delay(options.everyMs);
  }
}

/** Whether a program answers 200 at the address. */
export async function answersOk(url: string): Promise<boolean> {
  return (await fetch(url)).ok;
}
