import { hasLeftTraces } from "#agent/call-tool.ts";
import { readPromptVersion } from "#agent/read-model-calls.ts";
import type { ConversationContext } from "#domain/conversation.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import { sentence } from "#language/sentences.ts";
import type { Ending, TurnResult, TurnSession } from "#mailbox/turn-handler.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { TurnEffects } from "#store/turn-effects.ts";
import type { AnswerDeps } from "./answer-messages.ts";
import { askCustomer } from "./confirmation/ask-customer.ts";
import { CONFIRMATION } from "./confirmation/settle-confirmation.ts";
import { type DecidedAnswer, decideAnswer } from "./decide-answer.ts";
import { alertOnHandoff } from "./handoff/alert-on-handoff.ts";
import { tellNotices } from "./handoff/tell-notices.ts";
import { languageOf } from "./language-of.ts";
import { type LoadContextDeps, loadContext } from "./load-context.ts";
import { logUsage } from "./log-usage.ts";
import { receiveFiles, type ReceiveFilesDeps } from "./receive-files.ts";
import { recordTools } from "./record-tools.ts";
import { type SendReplyDeps, sendReply } from "./reply/send-reply.ts";
import { readSearches, type Searches } from "./retrieval/read-searches.ts";
import { writeSearches } from "./retrieval/write-searches.ts";
import { saveHistory } from "./save-history.ts";
import { skipTurn } from "./skip-turn.ts";

/** What one message needs on its way. */
export type ProcessMessageDeps = LoadContextDeps &
  ReceiveFilesDeps &
  AnswerDeps &
  SendReplyDeps & { readonly metrics: Pick<Metrics, "handedOver"> };

/**
 * START HERE. One turn of a conversation, from the messages of a customer to the answer:
 *
 *     [1 load context] → [2 agent loop + retrieval] → [3a send reply ∥ 3b save history ∥ 3c log usage]
 *
 * Each step takes and returns plain JSON. A crash at any line resumes here: finished model calls come
 * back from their checkpoints, a reply that was handed over is not handed over again, and history and
 * usage commit together with the end of the turn.
 */
export async function processMessage(
  deps: ProcessMessageDeps,
  session: TurnSession,
): Promise<TurnResult> {
  const loaded = await loadContext(deps, session.turn);
  if (loaded === null) return { kind: "skipped" };
  const context = await receiveFiles(deps, loaded, session);

  const decided = await decideAnswer(deps, { context, session });
  const { answer, handoff } = decided;
  const asked = handoff === null ? askCustomer(deps, context, session) : null;
  const text = composeText(context, {
    ...decided,
    question: asked?.summary ?? "",
    now: deps.clock.now(),
  });
  // Nobody waits for a tap any more when a colleague takes over.
  const shape = handoff === null ? (asked?.buttons ?? answer.shape) : null;
  if (context.incoming.length === 0 && text === "") return skipTurn(deps, context, session);

  // 3b and 3c only say what to write: it commits with the end of the turn, so they wait for nothing.
  const searches = readSearches(session.finishedSteps());
  const history = saveHistory({ answer, searches, sentAt: deps.clock.now().toISOString() });
  const usage = logUsage(answer);
  const turnLeaves = {
    turnId: session.turn.turnId,
    toolExecutions: recordTools(deps.keyRing, context.organizationId, session.finishedSteps()),
    confirmation: asked?.confirmation ?? null,
    promptVersion: usage === null ? null : promptVersionOf(context, session),
    usage,
  };
  await markBegun(context, session);
  const reply = await sendReply(deps, {
    context,
    session,
    reply: { ...answer, text, shape },
    draft: isFinal(decided, session.finishedSteps()) ? "final" : "may be superseded",
    ...(context.isPaused ? { whilePaused: "sent" } : {}),
  });

  const end = (left: Pick<TurnEffects, "sent" | "history" | "purpose" | "handoff">) =>
    endWith({ ...context, ...turnLeaves, ...left }, { context, searches });
  switch (reply.kind) {
    case "waiting":
      return { kind: "waiting", waitMs: reply.waitMs, errorCode: "WHATSAPP_OUTCOME_UNKNOWN" };
    case "superseded":
    case "silenced":
      return {
        kind: reply.kind === "silenced" ? "skipped" : "superseded",
        ...end({ sent: [], history: [], purpose: "discarded draft" }),
      };
    case "sent": {
      const { sent } = reply;
      if (handoff !== null) deps.metrics.handedOver(handoff.reason);
      const purpose = usage === null ? "notice" : "answer";
      return { kind: "done", ...end({ sent, history: history(sent), purpose, handoff }) };
    }
  }
}

/** Of an answer that a model has made, maybe in an earlier attempt. */
function promptVersionOf({ chatbot }: ConversationContext, session: TurnSession): number {
  return readPromptVersion(session.finishedSteps()) ?? chatbot.prompt.version;
}

/**
 * A turn without any other step, such as one whose words hand over, must know as well when it is resumed
 * that it had begun: `loadContext` would else leave all to a colleague. Stored with the intent to send.
 */
async function markBegun({ isPaused }: ConversationContext, session: TurnSession): Promise<void> {
  if (isPaused || session.finishedSteps().size > 0) return;
  await session.checkpoint("reply", async () => "begun");
}

/** Another turn over the same messages would know nothing of what this one has done, and do it again. */
function isFinal({ handoff }: DecidedAnswer, steps: ReadonlyMap<string, JsonValue>): boolean {
  return handoff !== null || hasLeftTraces(steps) || steps.has(CONFIRMATION);
}

/** What the turn leaves behind. Without effects of their own the end is one statement. */
function endWith(
  leaves: TurnEffects,
  { context, searches }: { readonly context: ConversationContext; readonly searches: Searches },
): Ending {
  const { handoff = null, turnId } = leaves;
  const searched = searches.early !== null || searches.asked.length > 0;
  if (!searched && handoff === null) return { leaves };
  return {
    leaves,
    effects: async (tenant) => {
      if (searched) await writeSearches(tenant, { ...context, turnId }, searches);
      if (handoff !== null)
        await alertOnHandoff(tenant, context, { reason: handoff.reason, turnId });
    },
  };
}

/** What goes out: the notices, the answer, and last what a yes means, or that a colleague takes over. */
function composeText(
  context: ConversationContext,
  said: DecidedAnswer & { readonly question: string; readonly now: Date },
): string {
  const { answer, handoff, now } = said;
  const language = languageOf(context, said.language);
  const parts = [...tellNotices(context, now), answer.text, said.question];
  if (handoff !== null) parts.push(sentence("handedOver", language));
  return parts.filter((part) => part !== "").join("\n\n");
}
