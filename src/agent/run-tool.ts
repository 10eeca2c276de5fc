import { AppError } from "#domain/errors.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { Clock } from "#platform/clock.ts";
import type { AgentTool } from "./agent-tool.ts";
import { toJsonValue } from "./to-json-value.ts";

/** What became of a tool call, as a checkpoint stores it. A failure is a result like any other. */
export type ToolOutcome =
  | { readonly status: "success"; readonly output: JsonValue; readonly durationMs: number }
  /** The reason is for the model to read. */
  | { readonly status: "failed"; readonly reason: string; readonly durationMs: number };

/** From the specification: a tool that takes longer has failed. */
export const TOOL_TIMEOUT_MS = 30_000;

/**
 * Calls a tool and waits for it, but no longer than its time limit, even when it pays no heed to
 * its signal. Failures are told in the outcome; only the abort of the whole run is thrown.
 */
export async function runTool(
  clock: Clock,
  { tool, input, signal }: { tool: AgentTool; input: unknown; signal: AbortSignal },
): Promise<ToolOutcome> {
  const startedAtMs = clock.monotonicMs();
  const elapsedMs = () => Math.round(clock.monotonicMs() - startedAtMs);
  const ended = new AbortController();
  const toolSignal = AbortSignal.any([signal, ended.signal]);
  try {
    const finished = await Promise.race([
      tool.execute(input, toolSignal).then((output) => ({ output })),
      clock.sleep(TOOL_TIMEOUT_MS, toolSignal),
    ]);
    if (finished === undefined)
      return { status: "failed", reason: TOO_SLOW, durationMs: elapsedMs() };
    return { status: "success", output: toJsonValue(finished.output), durationMs: elapsedMs() };
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof AppError ? error.message : "The tool failed.";
    return { status: "failed", reason, durationMs: elapsedMs() };
  } finally {
    ended.abort();
  }
}

const TOO_SLOW = `The tool gave no answer within ${TOOL_TIMEOUT_MS / 1000} seconds.`;
