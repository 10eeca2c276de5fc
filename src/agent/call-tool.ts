import { z } from "zod";
import type { Checkpoint } from "#domain/checkpoint.ts";
import { type ErrorCode, ERRORS } from "#domain/errors.ts";
import type { JsonObject, JsonValue } from "#domain/webhook-event.ts";
import type { Clock } from "#platform/clock.ts";
import type { Logger } from "#platform/logger.ts";
import { toJsonValue } from "#platform/to-json-value.ts";
import type { AgentTool, ToolOrigin } from "./agent-tool.ts";
import {
  askedOutcome,
  type CallOutcome,
  refusedOutcome,
  runTool,
  type ToolOutcome,
  unknownOutcome,
} from "./run-tool.ts";

export type CallToolDeps = {
  readonly checkpoint: Checkpoint;
  readonly clock: Clock;
  readonly logger: Logger;
};

export type CallToolInput = {
  readonly tool: AgentTool;
  /** What the model called it by. */
  readonly name: string;
  /** The model's id of the call. */
  readonly toolCallId: string;
  /** Unique in the turn, and the same when the turn resumes. */
  readonly key: string;
  readonly input: unknown;
  /** Whether the customer has said yes to this very call. */
  readonly confirmed?: boolean;
  readonly signal: AbortSignal;
};

const Json: z.ZodType<JsonValue> = z.json();

/** What is known of a call before it is made: enough to record it, whatever becomes of it. */
const CallFacts = z.object({
  name: z.string(),
  toolCallId: z.string(),
  type: z.enum(["builtin", "mcp", "windmill", "http"]),
  integrationId: z.string().nullable(),
  fingerprint: z.string().exactOptional(),
  effects: z.enum(["none", "outside"]),
  record: z.enum(["sealed", "redacted"]),
  input: Json,
});
/** The facts of a call, as its steps hold them under `call`. */
export type ToolCallFacts = z.infer<typeof CallFacts>;

const Refusal = z.object({ code: z.custom<ErrorCode>(isErrorCode), message: z.string() });
const BegunStep = z.object({ call: CallFacts, refusal: Refusal.nullable() });
const Outcome: z.ZodType<CallOutcome> = z.discriminatedUnion("status", [
  z.object({ status: z.literal("success"), output: Json, durationMs: z.number() }),
  z.object({
    status: z.enum(["failed", "timeout", "unknown"]),
    errorCode: z.custom<ErrorCode>(isErrorCode),
    reason: z.string(),
    durationMs: z.number(),
  }),
]);
const Asked = z.object({ status: z.literal("asked"), output: Json, durationMs: z.number() });
const AnyOutcome: z.ZodType<ToolOutcome> = z.union([Outcome, Asked]);
const ToolStep = z.object({ call: CallFacts });

/** A call of a tool among the steps of a turn: made, begun, or put off until the customer says yes. */
export type KnownCall = {
  /** The name of the step that holds its outcome, or would. */
  readonly stepId: string;
  readonly facts: ToolCallFacts;
  readonly outcome: ToolOutcome;
};
/** A call of a tool that a turn has made, or begun. */
export type MadeCall = KnownCall & { readonly outcome: CallOutcome };

/** The first call of a turn that waits for the customer's yes; null: none. */
export function readAskedCall(steps: ReadonlyMap<string, JsonValue>): ToolCallFacts | null {
  return readKnownCalls(steps).find(({ outcome }) => outcome.status === "asked")?.facts ?? null;
}

/**
 * The calls of tools among the finished steps of a turn, those of earlier attempts too. One that was
 * begun and has no outcome may have been done.
 */
export function readMadeCalls(steps: ReadonlyMap<string, JsonValue>): readonly MadeCall[] {
  return readKnownCalls(steps).flatMap(({ outcome, ...call }) =>
    outcome.status === "asked" ? [] : [{ ...call, outcome }],
  );
}

/** As `readMadeCalls`, with those that the customer was asked about instead. */
export function readKnownCalls(steps: ReadonlyMap<string, JsonValue>): readonly KnownCall[] {
  return [...steps].flatMap(([name, step]) => {
    if (name.startsWith(DONE)) {
      const facts = ToolStep.safeParse(step).data?.call;
      const outcome = AnyOutcome.safeParse(step).data;
      return facts === undefined || outcome === undefined ? [] : [{ stepId: name, facts, outcome }];
    }
    const stepId = stepOf(name.slice(BEGUN.length));
    if (!name.startsWith(BEGUN) || steps.has(stepId)) return [];
    const begun = BegunStep.safeParse(step).data;
    if (begun === undefined) return [];
    const { call: facts, refusal } = begun;
    const outcome = refusal === null ? unknownOutcome(0) : refusedOutcome(refusal);
    return [{ stepId, facts, outcome }];
  });
}

/** The step that holds the outcome of the call of this key. */
export function stepOf(key: string): string {
  return `${DONE}${key}`;
}

/** Whether a turn has called a tool that may have changed something outside. */
export function hasLeftTraces(steps: ReadonlyMap<string, JsonValue>): boolean {
  return readMadeCalls(steps).some(
    ({ facts, outcome }) => facts.effects === "outside" && !hasChangedNothing(outcome),
  );
}

/** Whether it is certain that a call has done nothing: it failed before a server did anything. */
export function hasChangedNothing(call: {
  readonly status: string;
  readonly errorCode?: string | null;
}): boolean {
  return call.status === "failed" && CHANGED_NOTHING.has(call.errorCode ?? "");
}

/** Failures before a server has done anything. */
const CHANGED_NOTHING: ReadonlySet<string> = new Set<ErrorCode>([
  "TOOL_ARGUMENTS_INVALID",
  "TOOL_MISCONFIGURED",
  "TOOL_CREDENTIALS_REFUSED",
  "TOOL_UNAVAILABLE",
]);

const BEGUN = "begun-";
const DONE = "tool-";

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERRORS, code);
}

const BUILT_IN: ToolOrigin = {
  type: "builtin",
  integrationId: null,
  effects: "none",
  confirmation: "none",
  record: "sealed",
};

/**
 * One call of a tool, made once per turn: the step `tool-<key>` keeps its outcome. Before a call that
 * may change something the step `begun-<key>` is stored, so that after a crash in the middle nobody
 * makes it again: its outcome is then unknown. A repeatable one is made again, and found by its server.
 */
export async function callTool(deps: CallToolDeps, call: CallToolInput): Promise<ToolOutcome> {
  const { tool, key } = call;
  const facts = factsOf(call);
  const settle = (work: () => Promise<ToolOutcome>) =>
    deps.checkpoint<ToolOutcome & { readonly call: ToolCallFacts }>(stepOf(key), async () => {
      const outcome = await work();
      if (outcome.status !== "success" && outcome.status !== "asked")
        log(deps.logger, facts, outcome);
      return { ...outcome, call: facts };
    });
  if (tool.origin?.confirmation === "customer" && call.confirmed !== true)
    return settle(async () => {
      const refusal = tool.refuse?.(call.input, "question") ?? null;
      return refusal === null ? askedOutcome() : refusedOutcome(refusal);
    });
  const make = async () => {
    const outcome = await runTool(deps.clock, call);
    tool.settled?.(outcome);
    return outcome;
  };
  if (facts.effects === "none" || tool.origin?.repeatable === true)
    return settle(async () => {
      const refusal = tool.refuse?.(call.input, "call") ?? null;
      return refusal === null ? make() : refusedOutcome(refusal);
    });

  let isOurs = false;
  const begun = await deps.checkpoint(`${BEGUN}${key}`, async () => {
    isOurs = true;
    const refusal = tool.refuse?.(call.input, "call") ?? null;
    return {
      call: facts,
      refusal: refusal === null ? null : { code: refusal.code, message: refusal.message },
    };
  });
  const { refusal } = begun;
  if (refusal !== null) return settle(async () => refusedOutcome(refusal));
  // Storing the outcome stores the mark first, before the call is made.
  return settle(isOurs ? make : async () => unknownOutcome(0));
}

function factsOf({ tool, name, toolCallId, input }: CallToolInput): ToolCallFacts & JsonObject {
  const { type, integrationId, fingerprint, effects, record } = tool.origin ?? BUILT_IN;
  return {
    name,
    toolCallId,
    type,
    integrationId,
    ...(fingerprint === undefined ? {} : { fingerprint }),
    effects,
    record,
    input: toJsonValue(input),
  };
}

function log(
  logger: Logger,
  { name, type, integrationId }: ToolCallFacts,
  outcome: Extract<ToolOutcome, { readonly errorCode: ErrorCode }>,
): void {
  const { status, errorCode, durationMs } = outcome;
  logger.warn(
    { tool: name, type, integrationId, status, code: errorCode, durationMs },
    "tool call failed",
  );
}
