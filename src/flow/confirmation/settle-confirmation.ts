import { z } from "zod";
import type { AgentTools } from "#agent/agent-tool.ts";
import {
  callTool,
  type CallToolDeps,
  hasChangedNothing,
  readMadeCalls,
  stepOf,
} from "#agent/call-tool.ts";
import type { CallOutcome, ToolOutcome } from "#agent/run-tool.ts";
import { toDataBlock } from "#agent/to-data-block.ts";
import type { AgentAnswer, ConversationContext } from "#domain/conversation.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import { type AnsweredConfirmation, answerConfirmation } from "#store/tool-confirmations.ts";
import { findConfirmation, type FoundConfirmation } from "./find-confirmation.ts";

export type SettleConfirmationDeps = Omit<CallToolDeps, "checkpoint"> & {
  readonly db: AppDatabase;
  readonly keyRing: Pick<KeyRing, "open">;
};

export type SettleConfirmationInput = {
  readonly context: ConversationContext;
  readonly session: TurnSession;
  readonly tools: AgentTools;
};

/** What is kept of the call: as it was asked about, and how its tool was set up then. */
const Sealed = z.object({ input: z.json(), fingerprint: z.string().exactOptional() });

/** What came of a customer's answer. */
export type SettledConfirmation = {
  /** Tells the model. */
  readonly event: string;
  readonly toolCalls: AgentAnswer["toolCalls"];
};

/** The step that takes the customer's answer. A turn that has it must not be thrown away. */
export const CONFIRMATION = "confirmation";
/** The key of the call to which the customer has said yes: a turn makes one at most. */
const KEY = "confirmed";

/**
 * When a customer answers the question whether a tool may be called: takes the answer, which counts once,
 * and on a yes makes the call, before the model is asked. A tap on an old or foreign question does nothing
 * but tell the model so. Null: no message of the turn answers one.
 */
export async function settleConfirmation(
  deps: SettleConfirmationDeps,
  input: SettleConfirmationInput,
): Promise<SettledConfirmation | null> {
  const found = findConfirmation(input.context);
  if (found === null) return null;
  const { confirmation } = await input.session.checkpoint(CONFIRMATION, async () => ({
    confirmation: await take(deps, input, found),
  }));
  if (confirmation === null) return { event: TOO_LATE, toolCalls: [] };
  const { toolName: name } = confirmation;
  if (confirmation.state === "cancelled")
    return { event: note(`The customer said no: ${name} was not called.`), toolCalls: [] };

  const outcome = await makeCall(deps, input, confirmation);
  if (typeof outcome === "string")
    return { event: note(`The customer said yes, but ${outcome}`), toolCalls: [] };
  const { status, durationMs } = outcome;
  return { event: describe(name, outcome), toolCalls: [{ name, status, durationMs }] };
}

function take(
  { db }: SettleConfirmationDeps,
  { context, session }: SettleConfirmationInput,
  found: FoundConfirmation,
): Promise<AnsweredConfirmation | null> {
  const { organizationId, conversationId } = context;
  const { turnId } = session.turn;
  return asTenant(db, organizationId, (tenant) =>
    answerConfirmation(tenant, { ...found, conversationId, turnId }),
  );
}

/** A string says why it was not made. */
async function makeCall(
  deps: SettleConfirmationDeps,
  { context, session, tools }: SettleConfirmationInput,
  confirmation: AnsweredConfirmation,
): Promise<ToolOutcome | string> {
  const { toolName: name, toolCallId, integrationId } = confirmation;
  // What an earlier attempt has done stays done, whatever became of the tool since.
  const made = readMadeCalls(session.finishedSteps()).find(({ stepId }) => stepId === stepOf(KEY));
  if (made !== undefined) return made.outcome;
  const tool = tools[name];
  // Names may have moved meanwhile: the customer said yes to this one only.
  if (tool?.origin?.integrationId !== integrationId)
    return `the tool ${name} is not available any more. Nothing was done.`;
  const { organizationId } = context;
  const opened = deps.keyRing.open(confirmation.sealedArguments, {
    organizationId,
    column: "tool_confirmations",
  });
  const asked = Sealed.parse(JSON.parse(opened));
  if (asked.fingerprint !== tool.origin.fingerprint)
    return `the tool ${name} was set up anew since they were asked, so it was not called. Nothing was done. If they still want it, call it again: they are then asked again.`;
  return callTool(
    { ...deps, checkpoint: session.checkpoint },
    {
      tool,
      name,
      toolCallId,
      key: KEY,
      input: asked.input,
      confirmed: true,
      signal: session.signal,
    },
  );
}

function describe(name: string, outcome: ToolOutcome): string {
  if (outcome.status === "success" || outcome.status === "asked") {
    const result = toDataBlock({ tool: name, result: outcome.output });
    return `${note(`The customer said yes, and ${name} was called. Tell the customer what came of it.`)}\n${result}`;
  }
  return `${note(`The customer said yes, and ${name} was called. ${describeFailure(outcome)}`)}\n${toDataBlock({ tool: name, reason: outcome.reason })}`;
}

function describeFailure(outcome: Exclude<CallOutcome, { readonly status: "success" }>): string {
  switch (outcome.status) {
    case "failed":
      return hasChangedNothing(outcome)
        ? "It failed: nothing was done."
        : "It says that it failed; the reason follows.";
    case "timeout":
      return "It gave no answer in time.";
    case "unknown":
      return "Nobody knows whether it was done. Do not call it again; say so honestly.";
  }
}

const note = (text: string): string => `[Note for the next messages: ${text}]`;

const TOO_LATE = note(
  "The customer answers a question that is not open any more: it was answered before, replaced by another one, or is older than a day. Nothing was done now. If they still want it, ask again.",
);
