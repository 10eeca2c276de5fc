import { Worker } from "node:worker_threads";
import { z } from "zod";

/** A script as it was deployed; its arguments are passed in the order of its schema's properties. */
export type FakeScript = {
  readonly summary: string;
  readonly description: string;
  /** A module with a function `main`. */
  readonly content: string;
  readonly schema: Readonly<Record<string, unknown>>;
};

/** A run of a script. */
export type FakeJob = {
  readonly id: string;
  readonly path: string;
  readonly tag: string;
  readonly args: Readonly<Record<string, unknown>>;
  state: "queued" | "running" | "completed";
  success: boolean;
  result: unknown;
  isCanceled: boolean;
  /** Whether a worker has taken it. */
  hasBegun: boolean;
};

type Start = Pick<FakeJob, "id" | "path" | "tag" | "args"> & { readonly script: FakeScript };

const Said = z.object({ success: z.boolean(), result: z.unknown() });

/** Runs jobs, each in a thread of its own, so that a cancelled one really ends. */
export function createFakeJobs(workers: number) {
  const jobs = new Map<string, FakeJob>();
  const threads = new Map<string, Worker>();
  const waiting: { readonly job: FakeJob; readonly script: FakeScript }[] = [];

  const complete = (job: FakeJob, outcome: { success: boolean; result: unknown }) => {
    if (job.state === "completed") return;
    Object.assign(job, outcome, { state: "completed" });
    void threads.get(job.id)?.terminate();
    threads.delete(job.id);
    startNext();
  };
  const startNext = () => {
    if (threads.size >= workers) return;
    const next = waiting.shift();
    if (next === undefined) return;
    const { job, script } = next;
    job.state = "running";
    job.hasBegun = true;
    const thread = new Worker(
      new URL(`data:text/javascript,${encodeURIComponent(moduleOf(job, script))}`),
    );
    threads.set(job.id, thread);
    thread.once("message", (said) => complete(job, Said.parse(said)));
    thread.once("error", (error) => complete(job, { success: false, result: failureOf(error) }));
  };
  return {
    all: () => [...jobs.values()],
    find: (id: string) => jobs.get(id),
    start: ({ script, ...start }: Start) => {
      const job: FakeJob = {
        ...start,
        state: "queued",
        success: false,
        result: null,
        isCanceled: false,
        hasBegun: false,
      };
      jobs.set(job.id, job);
      waiting.push({ job, script });
      startNext();
    },
    cancel: (job: FakeJob) => {
      if (job.state === "completed") return;
      job.isCanceled = true;
      const index = waiting.findIndex((each) => each.job === job);
      if (index !== -1) waiting.splice(index, 1);
      complete(job, {
        success: false,
        result: failureOf({ name: "Canceled", message: "canceled" }),
      });
    },
    stop: async () => {
      waiting.splice(0);
      await Promise.all([...threads.values()].map((thread) => thread.terminate()));
    },
  };
}

function failureOf({ name, message }: { name: string; message: string }) {
  return { error: { name, message } };
}

/** As Windmill's wrapper does: what `main` throws is the result of a failed job. */
function moduleOf({ args }: FakeJob, { content, schema }: FakeScript): string {
  const names = Object.keys(
    z.record(z.string(), z.unknown()).catch({}).parse(schema["properties"]),
  );
  return `
${content}
import { parentPort } from "node:worker_threads";
const args = ${JSON.stringify(args)};
try {
  const result = await main(...${JSON.stringify(names)}.map((name) => args[name]));
  parentPort.postMessage({ success: true, result: result ?? null });
} catch (error) {
  const { name, message } = error;
  parentPort.postMessage({ success: false, result: { error: { name, message } } });
}`;
}
