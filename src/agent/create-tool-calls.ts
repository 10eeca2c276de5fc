import { AppError } from "#domain/errors.ts";
import type { AgentTool } from "./agent-tool.ts";
import { callTool, type CallToolDeps, type KnownCall, stepOf } from "./call-tool.ts";
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
  /** Whether an earlier attempt has made or begun the call: then it costs nothing to tell of it. */
  readonly isKnown: (stepNumber: number, toolCallId: string) => boolean;
};

type CreateToolCallsDeps = CallToolDeps & {
  /** Calls of earlier attempts. What was done stays done, whatever became of their tools since. */
  readonly known: readonly KnownCall[];
  readonly signal: AbortSignal;
};

/** Keeps what became of each call of a run, for those that follow. */
export function createToolCalls(deps: CreateToolCallsDeps): ToolCalls {
  const known = new Map(deps.known.map(({ stepId, outcome }) => [stepId, outcome]));
  const outcomes = new Map<string, ToolOutcome>();
  /** What may have been done already, and what the model was told of it. */
  const uncertain = new Map<string, string>();
  const refuseSecondQuestion = createQuestionGuard(deps.known);
  return {
    execute: async (stepNumber, call) => {
      const key = toolKey(stepNumber, call.toolCallId);
      const tool = refuseSecondQuestion(refuseRepetition(call, uncertain));
      const outcome =
        known.get(stepOf(key)) ??
        (await callTool(deps, { ...call, tool, key, signal: deps.signal }));
      outcomes.set(key, outcome);
      if (outcome.status === "success" || outcome.status === "asked") return outcome.output;
      if (outcome.status === "unknown") uncertain.set(fingerprint(call), outcome.reason);
      throw new AppError(outcome.errorCode, outcome.reason);
    },
    outcomeOf: (stepNumber, toolCallId) => outcomes.get(toolKey(stepNumber, toolCallId)),
    isKnown: (stepNumber, toolCallId) => known.has(stepOf(toolKey(stepNumber, toolCallId))),
  };
}

/** The buttons below a reply answer one question, so only one call of a turn can be asked about. */
function createQuestionGuard(known: readonly KnownCall[]): (tool: AgentTool) => AgentTool {
  let hasAsked = known.some(({ outcome }) => outcome.status === "asked");
  return (tool) => {
    if (tool.origin?.confirmation !== "customer") return tool;
    return {
      ...tool,
      refuse: (input, before) => {
        const refusal = hasAsked ? ONE_QUESTION : (tool.refuse?.(input, before) ?? null);
        if (refusal === null) hasAsked = true;
        return refusal;
      },
    };
  };
}

const ONE_QUESTION = new AppError(
  "TOOL_ARGUMENTS_INVALID",
  "Nothing was done, and the customer was not asked about this one: only one question at a time can have buttons. Call it again once they have answered the other one.",
);

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
