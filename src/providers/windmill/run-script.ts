import { AppError, type ErrorCode, toAppError } from "#domain/errors.ts";
import type { Clock } from "#platform/clock.ts";
import { untilAborted } from "#platform/until-aborted.ts";
import type { WindmillClient, WindmillRun } from "./windmill-client.ts";

/** What became of a run. */
export type ScriptOutcome =
  | { readonly kind: "succeeded" | "failed"; readonly result: unknown }
  /**
   * It took too long and was cancelled: certainly before it began, or in the middle, or nobody knows how
   * far it came.
   */
  | { readonly kind: "never-begun" | "interrupted" };

/** The wait between two looks at a job grows from the first to the second, in milliseconds. */
const LOOK_MS = { first: 25, last: 500, growth: 1.5 } as const;
/** Of a cancellation. */
const CANCEL_MS = 5_000;
/** So long it is waited for: with the longest `timeoutMs`, within the limit of every tool. */
const STOP_MS = 1_500;
/** Starts that fail before Windmill counts as down. */
const STARTS_MAX = 3;

type Deps = {
  readonly client: WindmillClient;
  readonly clock: Clock;
  /** Of the whole run; it is cancelled then. */
  readonly timeoutMs: number;
  /** What becomes of the job when the signal is aborted: `leave` it for who asks again with its id. */
  readonly onAbort: "cancel" | "leave";
};

/**
 * Runs a script to its end. Starts and looks are repeated while Windmill has trouble: the job's id sees to
 * it that there is one run. A run that nobody will ask about any more is cancelled.
 * @throws AppError of the TOOL_ codes, once it may have begun none but TOOL_OUTCOME_UNKNOWN; the signal's
 * reason when it is aborted.
 */
export async function runScript(
  deps: Deps,
  run: WindmillRun,
  signal: AbortSignal,
): Promise<ScriptOutcome> {
  const endsAtMs = deps.clock.monotonicMs() + deps.timeoutMs;
  try {
    await start(deps, run, signal);
    const seen = await watch(deps, { jobId: run.jobId, endsAtMs }, signal);
    if ("result" in seen) return seen;
    return await stop(deps, { jobId: run.jobId, seen: seen.kind }, signal);
  } catch (error) {
    if (!signal.aborted || deps.onAbort === "cancel") cancel(deps, run.jobId).catch(() => {}); // nobody waits for it
    signal.throwIfAborted();
    throw error;
  }
}

async function start({ client, clock }: Deps, run: WindmillRun, signal: AbortSignal) {
  let mayHaveBegun = false;
  for (let failures = 0; ;) {
    try {
      return await client.startScript(run, signal);
    } catch (error) {
      signal.throwIfAborted();
      const trouble = toAppError(error);
      failures += 1;
      mayHaveBegun ||= trouble.details["isSent"] === true || CAME_TOO_FAR.has(trouble.code);
      if (failures === STARTS_MAX || trouble.code !== "TOOL_UNAVAILABLE")
        throw mayHaveBegun ? unknown(trouble) : trouble;
    }
    await clock.sleep(LOOK_MS.last, signal);
  }
}

/** With these Windmill may have accepted the start. */
const CAME_TOO_FAR: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "TOOL_RESULT_TOO_LARGE",
  "INTERNAL",
]);

type Seen =
  | Extract<ScriptOutcome, { readonly kind: "succeeded" | "failed" }>
  /** When the time was over. */
  | { readonly kind: "queued" | "begun" };

/** The script is started: no failure of a look says that it does not run. */
async function watch(
  { client, clock }: Deps,
  { jobId, endsAtMs }: { jobId: string; endsAtMs: number },
  signal: AbortSignal,
): Promise<Seen> {
  let hasBegun = true; // nobody knows better before the first look
  for (
    let waitMs: number = LOOK_MS.first;
    ;
    waitMs = Math.min(waitMs * LOOK_MS.growth, LOOK_MS.last)
  ) {
    try {
      const job = await client.getJob(jobId, signal);
      if (job.state === "succeeded" || job.state === "failed")
        return { kind: job.state, result: job.result };
      hasBegun = job.state !== "queued";
    } catch (error) {
      signal.throwIfAborted();
      const trouble = toAppError(error);
      if (trouble.code !== "TOOL_UNAVAILABLE") throw unknown(trouble);
    }
    const leftMs = endsAtMs - clock.monotonicMs();
    if (leftMs <= 0) return { kind: hasBegun ? "begun" : "queued" };
    await clock.sleep(Math.min(waitMs, leftMs), signal);
  }
}

/** Cancels a job and looks once more: it may have begun, or even ended, since the last look. */
async function stop(
  deps: Deps,
  { jobId, seen }: { jobId: string; seen: "queued" | "begun" },
  signal: AbortSignal,
): Promise<ScriptOutcome> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(STOP_MS)]);
  try {
    await untilAborted(cancel(deps, jobId), limit);
    const end = await deps.client.getEnd(jobId, limit);
    if (end === "never-begun" && seen === "queued") return { kind: "never-begun" };
    if (end === "ended") {
      const job = await deps.client.getJob(jobId, limit);
      if (job.state === "succeeded" || job.state === "failed")
        return { kind: job.state, result: job.result };
    }
  } catch {
    signal.throwIfAborted();
  }
  return { kind: "interrupted" };
}

function unknown(cause: AppError): AppError {
  return new AppError(
    "TOOL_OUTCOME_UNKNOWN",
    "Windmill does not say what became of the script, so nobody knows whether it ran.",
    { cause },
  );
}

function cancel({ client }: Deps, jobId: string): Promise<void> {
  const reason = "Parley does not wait for the result any more.";
  return client.cancelJob(jobId, reason, AbortSignal.timeout(CANCEL_MS));
}
