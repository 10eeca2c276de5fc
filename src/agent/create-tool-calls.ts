import type { Checkpoint } from "#domain/checkpoint.ts";
import { AppError } from "#domain/errors.ts";
import type { AgentTool, AgentTools } from "./agent-tool.ts";
import { callTool, type CallToolDeps, type KnownCall, stepOf } from "./call-tool.ts";
import type { AnswerPart, ToolCallPart } from "./model-answer.ts";
import { readCall } from "./read-call.ts";
import { refusedOutcome, type ToolOutcome } from "./run-tool.ts";

/** A call as the model made it, and what became of it. */
export type FinishedCall = {
  readonly part: ToolCallPart;
  /** Null for a call that was never made, because its name or arguments were wrong. */
  readonly tool: AgentTool | null;
  /** The arguments as they were read. */
  readonly input: unknown;
  readonly outcome: ToolOutcome;
};

/**
 * Makes the calls of one answer at the same time, each once per turn. A call that fails is an outcome like
 * any other; what is thrown ends the run: a broken checkpoint, or the reason of its signal.
 */
export type MakeToolCalls = (
  stepNumber: number,
  answer: readonly AnswerPart[],
) => Promise<readonly FinishedCall[]>;

type CreateToolCallsDeps = CallToolDeps & {
  readonly tools: AgentTools;
  /** Calls of earlier attempts. What was done stays done, whatever became of their tools since. */
  readonly known: readonly KnownCall[];
  /** Whether the run has cost what it may: then no tool runs any more. */
  readonly isSpent: () => boolean;
  readonly signal: AbortSignal;
};

/** The calls of tools of one run. */
export function createToolCalls(deps: CreateToolCallsDeps): MakeToolCalls {
  const makeOne = createMakeOne(deps);
  return async (stepNumber, answer) => {
    const parts = answer.filter((part) => part.type === "tool-call");
    if (parts.length === 0) return [];
    const ended = new AbortController();
    const signal = AbortSignal.any([deps.signal, ended.signal]);
    const checkpoint = guardCheckpoint(deps.checkpoint, signal);
    const calls = parts.map(async (part) => {
      try {
        return await makeOne(part, { stepNumber, checkpoint, signal });
      } catch (error) {
        ended.abort(error);
        throw error;
      }
    });
    // Nothing of a run may go on after its end.
    await Promise.allSettled(calls);
    signal.throwIfAborted();
    return Promise.all(calls);
  };
}

/** A run that has ended must begin nothing more: what it did would not be stored. */
function guardCheckpoint(checkpoint: Checkpoint, signal: AbortSignal): Checkpoint {
  return (name, work) =>
    checkpoint(name, async () => {
      signal.throwIfAborted();
      return work();
    });
}

type Step = {
  readonly stepNumber: number;
  readonly checkpoint: Checkpoint;
  readonly signal: AbortSignal;
};

function createMakeOne(deps: CreateToolCallsDeps) {
  const known = new Map(deps.known.map(({ stepId, outcome }) => [stepId, outcome]));
  /** What may have been done already, and what the model was told of it. */
  const uncertain = new Map<string, string>();
  const refuseSecondQuestion = createQuestionGuard(deps.known);

  return async (part: ToolCallPart, step: Step): Promise<FinishedCall> => {
    const { toolName: name, toolCallId } = part;
    const key = toolKey(step.stepNumber, toolCallId);
    const done = known.get(stepOf(key));
    const call = readCall(deps.tools, part);
    const { input } = call;
    if (call.kind === "mistaken") {
      const mistake = new AppError("TOOL_ARGUMENTS_INVALID", call.reason);
      return { part, tool: null, input, outcome: done ?? refusedOutcome(mistake) };
    }
    const { tool } = call;
    const fingerprint = `${name} ${JSON.stringify(input)}`;
    const make = async (): Promise<ToolOutcome> => {
      if (deps.isSpent() && !belongsToReply(tool)) return refusedOutcome(SPENT);
      const guarded = refuseSecondQuestion(refuseRepetition(tool, uncertain.get(fingerprint)));
      const { checkpoint, signal } = step;
      return callTool(
        { ...deps, checkpoint },
        { tool: guarded, name, toolCallId, key, input, signal },
      );
    };
    const outcome = done ?? (await make());
    if (outcome.status === "unknown") uncertain.set(fingerprint, outcome.reason);
    return { part, tool, input, outcome };
  };
}

/** What ends the run or is a part of its reply costs nothing more, and is still done. */
function belongsToReply({ endsRun, addsToReply }: AgentTool): boolean {
  return endsRun === true || addsToReply === true;
}

/** For the model, in place of the result of a tool that does not run any more. */
const SPENT = new AppError(
  "INTERNAL",
  "This was not done: the answer has cost as much as it may. Answer with what you know, and say honestly what you could not do or look up.",
);

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
function refuseRepetition(tool: AgentTool, reason: string | undefined): AgentTool {
  if (reason === undefined) return tool;
  return { ...tool, refuse: () => new AppError("TOOL_OUTCOME_UNKNOWN", reason) };
}
