import { hasLeftTraces } from "#agent/call-tool.ts";
import { readPromptVersion } from "#agent/read-model-calls.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { Ending, TurnResult, TurnSession } from "#mailbox/turn-handler.ts";
import type { TurnEffects } from "#store/turn-effects.ts";
import { type AnswerDeps, answerMessages } from "./answer-messages.ts";
import { askCustomer } from "./ask-customer.ts";
import { type LoadContextDeps, loadContext } from "./load-context.ts";
import { logUsage } from "./log-usage.ts";
import { readSearches } from "./read-searches.ts";
import { receiveFiles, type ReceiveFilesDeps } from "./receive-files.ts";
import { recordTools } from "./record-tools.ts";
import { saveHistory } from "./save-history.ts";
import { type SendReplyDeps, sendReply } from "./send-reply.ts";
import { CONFIRMATION } from "./settle-confirmation.ts";
import { writeSearches } from "./write-searches.ts";

/** What one message needs on its way. */
export type ProcessMessageDeps = LoadContextDeps & ReceiveFilesDeps & AnswerDeps & SendReplyDeps;

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

  const answer = await answerMessages(deps, { context, session });

  // 3b and 3c only say what to write: it commits with the end of the turn, so they wait for nothing.
  const searches = readSearches(session.finishedSteps());
  const history = saveHistory({ answer, searches, sentAt: deps.clock.now().toISOString() });
  const usage = logUsage(answer);
  const toolExecutions = recordTools(deps.keyRing, context.organizationId, session.finishedSteps());
  const asked = askCustomer(deps, context, session);
  const promptVersion =
    readPromptVersion(session.finishedSteps()) ?? context.chatbot.prompt.version;
  const reply = await sendReply(deps, {
    context,
    session,
    reply: asked === null ? answer : { ...answer, shape: asked.buttons },
    // Another turn over the same messages would know nothing of what this one has done, and do it again.
    draft: isFinal(session.finishedSteps()) ? "final" : "may be superseded",
  });

  const endWith = (ended: Pick<TurnEffects, "sent" | "history" | "purpose">): Ending => {
    const turn = { ...context, turnId: session.turn.turnId };
    const confirmation = asked?.confirmation ?? null;
    const leaves = { ...turn, ...ended, toolExecutions, confirmation, promptVersion, usage };
    if (searches.early === null && searches.asked.length === 0) return { leaves };
    return { leaves, effects: (tenant) => writeSearches(tenant, turn, searches) };
  };
  switch (reply.kind) {
    case "waiting":
      return { kind: "waiting", waitMs: reply.waitMs, errorCode: "WHATSAPP_OUTCOME_UNKNOWN" };
    case "superseded":
    case "silenced":
      return {
        kind: reply.kind === "silenced" ? "skipped" : "superseded",
        ...endWith({ sent: [], history: [], purpose: "discarded draft" }),
      };
    case "sent": {
      const { sent } = reply;
      return { kind: "done", ...endWith({ sent, history: history(sent), purpose: "answer" }) };
    }
  }
}

function isFinal(steps: ReadonlyMap<string, JsonValue>): boolean {
  return hasLeftTraces(steps) || steps.has(CONFIRMATION);
}
