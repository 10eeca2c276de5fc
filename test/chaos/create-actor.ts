import { spawn, type ChildProcess } from "node:child_process";
import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

/** A process of the product that can be killed, frozen and started again. */
export type Actor<Name extends string = string> = {
  readonly name: Name;
  readonly isAlive: () => boolean;
  /** The name under which the database knows a worker now; null for others and before it is ready. */
  readonly workerId: () => string | null;
  /** Starts it and resolves when it is ready. */
  readonly start: () => Promise<void>;
  /** Resolves when a worker has taken another name than this one. */
  readonly rejoined: (previous: string | null) => Promise<void>;
  /** SIGKILL: returns at once; `gone` tells when the system has taken it away. */
  readonly kill: () => void;
  readonly freeze: () => void;
  readonly thaw: () => void;
  readonly gone: () => Promise<void>;
  /** SIGTERM; false when it took longer than `timeoutMs` and had to be killed. */
  readonly stop: (timeoutMs: number) => Promise<boolean>;
  /** How often it ended without being told to. It was started again each time. */
  readonly ownEnds: () => number;
};

export type ActorOptions<Name extends string> = {
  readonly name: Name;
  /** What follows `node`. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Gets its log, over all its lives. */
  readonly logFile: string;
  /** How to see that it is ready: by a line of its log, or by an address that answers 200. */
  readonly readiness: ((line: LogLine) => boolean) | { readonly url: string };
};

/** A line of a structured log; other lines are empty objects. */
export type LogLine = {
  readonly msg?: string;
  readonly workerId?: string;
  readonly listening?: string;
};

const READY_MS = 60_000;

type Life = {
  child: ChildProcess | null;
  isAlive: boolean;
  gone: Promise<void>;
  workerId: string | null;
  ownEnds: number;
};

/** Nobody survives the harness, however that ends. */
const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** An actor that was not started yet. */
export function createActor<Name extends string>(options: ActorOptions<Name>): Actor<Name> {
  const life: Life = {
    child: null,
    isAlive: false,
    gone: Promise.resolve(),
    workerId: null,
    ownEnds: 0,
  };
  const { readiness } = options;
  const signal = (name: NodeJS.Signals) => void life.child?.kill(name);

  const start = async (): Promise<void> => {
    const child = spawn(process.execPath, options.argv, {
      cwd: new URL("../..", import.meta.url),
      env: options.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const gone = Promise.withResolvers<void>();
    const ready = Promise.withResolvers<void>();
    living.add(child);
    child.once("exit", () => {
      living.delete(child);
      gone.resolve();
      if (!life.isAlive) return; // as it should be
      life.isAlive = false;
      life.ownEnds += 1;
      start().catch(() => {}); // as whoever supervises it would; the run is red anyway
    });
    Object.assign(life, { child, isAlive: true, gone: gone.promise, workerId: null });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on("line", (text) => {
        appendFileSync(options.logFile, `${text}\n`);
        const line = parseLine(text);
        if (line.msg === "worker ready") life.workerId = line.workerId ?? null;
        if (typeof readiness === "function" && readiness(line)) ready.resolve();
      });
    }
    if (typeof readiness === "object") void untilAnswering(readiness.url, life).then(ready.resolve);
    const ended = await Promise.race([
      ready.promise.then(() => "ready"),
      gone.promise.then(() => "gone"),
      wait(READY_MS, "late", { ref: false }),
    ]);
    if (ended !== "ready")
      throw new Error(`${options.name} did not start (see ${options.logFile})`);
  };

  return {
    name: options.name,
    isAlive: () => life.isAlive,
    workerId: () => life.workerId,
    start,
    rejoined: async (previous) => {
      const deadlineMs = performance.now() + READY_MS;
      while (life.isAlive && life.workerId === previous) {
        if (performance.now() > deadlineMs) throw new Error(`${options.name} did not come back`);
        await wait(20);
      }
    },
    kill: () => {
      life.isAlive = false;
      signal("SIGKILL");
    },
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    gone: () => life.gone,
    stop: async (timeoutMs) => {
      if (!life.isAlive) return true;
      life.isAlive = false;
      signal("SIGTERM");
      const hasStopped = await Promise.race([
        life.gone.then(() => true),
        wait(timeoutMs, false, { ref: false }),
      ]);
      if (!hasStopped) signal("SIGKILL");
      await life.gone;
      return hasStopped;
    },
    ownEnds: () => life.ownEnds,
  };
}

async function untilAnswering(url: string, life: Readonly<Life>): Promise<void> {
  while (life.isAlive) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok === true) return;
    await wait(30);
  }
}

function parseLine(text: string): LogLine {
  if (!text.startsWith("{")) return {};
  try {
    return JSON.parse(text) as LogLine; // our own log, read for two words
  } catch {
    return {};
  }
}
