import { z } from "zod";
import type { Checkpoint } from "#domain/checkpoint.ts";
import type { JsonObject, JsonValue } from "#domain/webhook-event.ts";
import type { Clock } from "#platform/clock.ts";
import type { Logger } from "#platform/logger.ts";
import { toJsonValue } from "#platform/to-json-value.ts";
import type { AgentTool, ToolOrigin } from "./agent-tool.ts";
import { refusedOutcome, runTool, type ToolOutcome, unknownOutcome } from "./run-tool.ts";

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
  readonly signal: AbortSignal;
};

const Json: z.ZodType<JsonValue> = z.json();

/** What is known of a call before it is made: enough to record it, whatever becomes of it. */
const CallFacts = z.object({
  name: z.string(),
  toolCallId: z.string(),
  type: z.enum(["builtin", "mcp", "windmill", "http"]),
  integrationId: z.string().nullable(),
  effects: z.enum(["none", "outside"]),
  record: z.enum(["sealed", "redacted"]),
  input: Json,
});
/** The facts of a call, as its steps hold them under `call`. */
export type ToolCallFacts = z.infer<typeof CallFacts>;

const Begun = z.object({ call: CallFacts });

/** The facts in a step of a tool call; null in any other. */
export function readToolCall(step: JsonValue): ToolCallFacts | null {
  return Begun.safeParse(step).data?.call ?? null;
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
 * makes it again: its outcome is then unknown.
 */
export async function callTool(deps: CallToolDeps, call: CallToolInput): Promise<ToolOutcome> {
  const { tool, key } = call;
  const facts = factsOf(call);
  const settle = (work: () => Promise<ToolOutcome>) =>
    deps.checkpoint<ToolOutcome & { readonly call: ToolCallFacts }>(`tool-${key}`, async () => {
      const outcome = await work();
      if (outcome.status !== "success") log(deps.logger, facts, outcome);
      return { ...outcome, call: facts };
    });
  const make = async () => {
    const outcome = await runTool(deps.clock, call);
    tool.settled?.(outcome);
    return outcome;
  };
  if (facts.effects === "none")
    return settle(async () => {
      const refusal = tool.refuse?.(call.input) ?? null;
      return refusal === null ? make() : refusedOutcome(refusal);
    });

  let isOurs = false;
  const begun = await deps.checkpoint(`begun-${key}`, async () => {
    isOurs = true;
    const refusal = tool.refuse?.(call.input) ?? null;
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
  const { type, integrationId, effects, record } = tool.origin ?? BUILT_IN;
  return { name, toolCallId, type, integrationId, effects, record, input: toJsonValue(input) };
}

function log(
  logger: Logger,
  { name, type, integrationId }: ToolCallFacts,
  outcome: Exclude<ToolOutcome, { status: "success" }>,
): void {
  const { status, errorCode, durationMs } = outcome;
  logger.warn(
    { tool: name, type, integrationId, status, code: errorCode, durationMs },
    "tool call failed",
  );
}
