import { AppError } from "#domain/errors.ts";
import type { Clock } from "#platform/clock.ts";
import type { WindmillClient, WindmillRun } from "./windmill-client.ts";

/** What became of a run. */
export type ScriptOutcome =
  | { readonly kind: "succeeded" | "failed"; readonly result: unknown }
  /** It took too long and was cancelled: before it began, or in the middle. */
  | { readonly kind: "never-begun" | "interrupted" };

/** The wait between two looks at a job grows from the first to the second, in milliseconds. */
const LOOK_MS = { first: 25, last: 500, growth: 1.5 } as const;
/** Nobody waits for a cancellation. */
const CANCEL_MS = 5_000;
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
 * @throws AppError of the TOOL_ codes; the signal's reason when it is aborted.
 */
export async function runScript(
  deps: Deps,
  run: WindmillRun,
  signal: AbortSignal,
): Promise<ScriptOutcome> {
  const endsAtMs = deps.clock.monotonicMs() + deps.timeoutMs;
  try {
    await start(deps, run, signal);
    const outcome = await watch(deps, { jobId: run.jobId, endsAtMs }, signal);
    if (outcome.kind === "never-begun" || outcome.kind === "interrupted") cancel(deps, run.jobId);
    return outcome;
  } catch (error) {
    if (!signal.aborted || deps.onAbort === "cancel") cancel(deps, run.jobId);
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
      const trouble = passing(error);
      failures += 1;
      mayHaveBegun ||= trouble.details["isSent"] === true;
      if (failures === STARTS_MAX) throw mayHaveBegun ? unknown(trouble) : trouble;
    }
    await clock.sleep(LOOK_MS.last, signal);
  }
}

async function watch(
  { client, clock }: Deps,
  { jobId, endsAtMs }: { jobId: string; endsAtMs: number },
  signal: AbortSignal,
): Promise<ScriptOutcome> {
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
      passing(error);
    }
    const leftMs = endsAtMs - clock.monotonicMs();
    if (leftMs <= 0) return { kind: hasBegun ? "interrupted" : "never-begun" };
    await clock.sleep(Math.min(waitMs, leftMs), signal);
  }
}

/** The error, if it may pass by itself; any other is thrown. */
function passing(error: unknown): AppError {
  if (error instanceof AppError && error.code === "TOOL_UNAVAILABLE") return error;
  throw error;
}

function unknown(cause: AppError): AppError {
  return new AppError(
    "TOOL_OUTCOME_UNKNOWN",
    "Windmill does not answer, so nobody knows whether the script runs.",
    { cause },
  );
}

function cancel({ client }: Deps, jobId: string): void {
  const reason = "Parley does not wait for the result any more.";
  client.cancelJob(jobId, reason, AbortSignal.timeout(CANCEL_MS)).catch(() => {});
}
