import { AppError } from "#domain/errors.ts";
import type { AgentTool } from "./agent-tool.ts";
import { callTool, type CallToolDeps } from "./call-tool.ts";
import type { ToolOutcome } from "./run-tool.ts";

/** A call as the model made it. */
export type CallOfModel = {
  readonly tool: AgentTool;
  readonly name: string;
  readonly toolCallId: string;
  readonly input: unknown;
};

/** The calls of tools of one run. */
export type ToolCalls = {
  /** Makes a call, once per turn. What it throws, the model is told. */
  readonly execute: (stepNumber: number, call: CallOfModel) => Promise<unknown>;
  /** Undefined for a call that was never made, because its name or input was wrong. */
  readonly outcomeOf: (stepNumber: number, toolCallId: string) => ToolOutcome | undefined;
};

/** Keeps what became of each call of a run, for those that follow. */
export function createToolCalls(deps: CallToolDeps & { readonly signal: AbortSignal }): ToolCalls {
  const outcomes = new Map<string, ToolOutcome>();
  /** What may have been done already, and what the model was told of it. */
  const uncertain = new Map<string, string>();
  return {
    execute: async (stepNumber, call) => {
      const key = toolKey(stepNumber, call.toolCallId);
      const tool = refuseRepetition(call, uncertain);
      const outcome = await callTool(deps, { ...call, tool, key, signal: deps.signal });
      outcomes.set(key, outcome);
      if (outcome.status === "success" || outcome.status === "asked") return outcome.output;
      if (outcome.status === "unknown") uncertain.set(fingerprint(call), outcome.reason);
      throw new AppError(outcome.errorCode, outcome.reason);
    },
    outcomeOf: (stepNumber, toolCallId) => outcomes.get(toolKey(stepNumber, toolCallId)),
  };
}

/** Some servers number the calls of each answer anew, so an id alone would not be unique. */
function toolKey(stepNumber: number, callId: string): string {
  return `${stepNumber}-${callId}`;
}

/** A model that does not heed its words may not repeat what may have been done already. */
function refuseRepetition(call: CallOfModel, uncertain: ReadonlyMap<string, string>): AgentTool {
  const reason = uncertain.get(fingerprint(call));
  if (reason === undefined) return call.tool;
  return { ...call.tool, refuse: () => new AppError("TOOL_OUTCOME_UNKNOWN", reason) };
}

function fingerprint({ name, input }: CallOfModel): string {
  return `${name} ${JSON.stringify(input)}`;
}
