import { AppError, type ErrorCode } from "#domain/errors.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { Clock } from "#platform/clock.ts";
import { toJsonValue } from "#platform/to-json-value.ts";
import type { AgentTool } from "./agent-tool.ts";

/** What became of a tool call, as a checkpoint stores it. A failure is a result like any other. */
export type ToolOutcome =
  | CallOutcome
  /** Not called: the customer is asked first. */
  | { readonly status: "asked"; readonly output: JsonValue; readonly durationMs: number };

/** What became of a call that nobody had to be asked about. */
export type CallOutcome =
  | { readonly status: "success"; readonly output: JsonValue; readonly durationMs: number }
  | {
      /** `unknown`: it may have been done; it is not called again. */
      readonly status: "failed" | "timeout" | "unknown";
      readonly errorCode: ErrorCode;
      /** For the model to read. */
      readonly reason: string;
      readonly durationMs: number;
    };

/** From the specification: a tool that takes longer has failed. */
export const TOOL_TIMEOUT_MS = 30_000;

/** What a tool call is made with. */
export type RunToolInput = {
  readonly tool: AgentTool;
  readonly input: unknown;
  /** See `AgentTool.execute`. */
  readonly key?: string;
  readonly signal: AbortSignal;
};

/**
 * Calls a tool and waits for it, but no longer than its time limit, even when it pays no heed to
 * its signal. Failures are told in the outcome; only the abort of the whole run is thrown.
 */
export async function runTool(
  clock: Clock,
  { tool, input, key, signal }: RunToolInput,
): Promise<CallOutcome> {
  const startedAtMs = clock.monotonicMs();
  const elapsedMs = () => Math.round(clock.monotonicMs() - startedAtMs);
  const ended = new AbortController();
  const toolSignal = AbortSignal.any([signal, ended.signal]);
  try {
    const finished = await Promise.race([
      tool.execute(input, toolSignal, key).then((output) => ({ output })),
      clock.sleep(TOOL_TIMEOUT_MS, toolSignal),
    ]);
    if (finished === undefined) return outcomeOf(tool, TOO_SLOW, elapsedMs());
    return { status: "success", output: toJsonValue(finished.output), durationMs: elapsedMs() };
  } catch (error) {
    signal.throwIfAborted();
    const known = error instanceof AppError ? error : UNEXPLAINED;
    return outcomeOf(tool, known, elapsedMs());
  } finally {
    ended.abort();
  }
}

/** The outcome of a call that began before a crash, or whose answer was lost in another way. */
export function unknownOutcome(durationMs: number, why = ""): CallOutcome {
  return {
    status: "unknown",
    errorCode: "TOOL_OUTCOME_UNKNOWN",
    reason: `${why} ${NOBODY_KNOWS}`.trim(),
    durationMs,
  };
}

/** The outcome of a call that was not made. */
export function refusedOutcome({ code, message }: Pick<AppError, "code" | "message">): CallOutcome {
  return { status: "failed", errorCode: code, reason: message, durationMs: 0 };
}

/** The outcome of a call that waits for the customer's yes. */
export function askedOutcome(): ToolOutcome {
  return { status: "asked", output: { note: ASKED }, durationMs: 0 };
}

const ASKED =
  "Nothing has been done yet: this needs the customer's yes. Below your reply the customer gets the buttons Yes and No. Say in it exactly what will be done, with all details, and ask whether that is right. Do not say that it is done, and do not call the tool again now.";
const TOO_SLOW = new AppError(
  "TOOL_TIMEOUT",
  `The tool gave no answer within ${TOOL_TIMEOUT_MS / 1000} seconds.`,
);
/** A failure that is no `AppError` may hold anything, so nothing of it is told. */
const UNEXPLAINED = new AppError("INTERNAL", "The tool failed.");
const NOBODY_KNOWS =
  "The call ended without an answer: nobody knows whether it was done. Do not call it again. Tell the customer honestly that it is not certain and that a person will check.";

/** Of a tool that may change something, only a failure that says so itself is certain. */
function outcomeOf(tool: AgentTool, failure: AppError, durationMs: number): CallOutcome {
  if (tool.origin?.effects === "outside" && UNCERTAIN.has(failure.code))
    return unknownOutcome(durationMs, failure.code === "INTERNAL" ? "" : failure.message);
  return {
    status: failure.code === "TOOL_TIMEOUT" ? "timeout" : "failed",
    errorCode: failure.code,
    reason: failure.message,
    durationMs,
  };
}

const UNCERTAIN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "TOOL_TIMEOUT",
  "TOOL_OUTCOME_UNKNOWN",
  "INTERNAL",
]);
