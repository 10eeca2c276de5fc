import {
  hasChangedNothing,
  hasLeftTraces,
  type MadeCall,
  readMadeCalls,
} from "#agent/call-tool.ts";
import { readModelCalls } from "#agent/read-model-calls.ts";
import type { ConversationContext } from "#domain/conversation.ts";
import { ERRORS, type AppError } from "#domain/errors.ts";
import type { Handoff } from "#domain/handoff.ts";
import { sentence } from "#language/sentences.ts";
import type { Ending, TurnSession } from "#mailbox/turn-handler.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import type { Logger } from "#platform/logger.ts";
import type { Metrics } from "#platform/metrics.ts";
import { type Alert, recordAlert } from "#store/alerts.ts";
import type { TurnEffects } from "#store/turn-effects.ts";
import { alertOnHandoff } from "./handoff/alert-on-handoff.ts";
import { findHandoffAfterFailures } from "./handoff/find-handoff-after-failures.ts";
import { languageOf } from "./language-of.ts";
import { type LoadContextDeps, loadContext } from "./load-context.ts";
import { logUsage } from "./log-usage.ts";
import { recordTools } from "./record-tools.ts";
import { describeSent } from "./reply/describe-sent.ts";
import { type SendReplyDeps, type SentMessage, sendReply } from "./reply/send-reply.ts";
import { readSearches } from "./retrieval/read-searches.ts";
import { writeSearches } from "./retrieval/write-searches.ts";

export type AlertOnFailureDeps = LoadContextDeps & {
  readonly keyRing: Pick<KeyRing, "seal">;
} & SendReplyDeps & {
    readonly logger: Logger;
    readonly metrics: Pick<Metrics, "handedOver">;
  };

/**
 * The failure handler: the customer gets the chatbot's configured sentence instead of silence, the third
 * time in a row a colleague too, and the alert reaches `system_alerts` and Slack. What it writes commits with the end of the failed turn.
 */
export async function alertOnFailure(
  deps: AlertOnFailureDeps,
  session: TurnSession,
  error: AppError,
): Promise<Ending | null> {
  const { organizationId } = session.turn;
  if (organizationId === null) return null;
  const context = await loadContext(deps, session.turn).catch(() => null);
  const told = await tell(deps, { context, session, error });
  const alert = describe(error, { context, session, told: told.sent.length > 0 });
  return {
    ...(context === null ? {} : { leaves: leavesOf(deps, { context, session, told }) }),
    effects: async (tenant) => {
      await recordAlert(tenant, organizationId, alert);
      if (context === null) return;
      const searches = readSearches(session.finishedSteps());
      await writeSearches(tenant, { ...context, turnId: session.turn.turnId }, searches);
      if (told.handoff !== null)
        await alertOnHandoff(tenant, context, { ...told.handoff, turnId: session.turn.turnId });
    },
  };
}

/** What the customer was told, and whether a colleague answers them now. */
type Told = { readonly sent: readonly SentMessage[]; readonly handoff: Handoff | null };

async function tell(
  deps: AlertOnFailureDeps,
  failed: {
    readonly context: ConversationContext | null;
    readonly session: TurnSession;
    readonly error: AppError;
  },
): Promise<Told> {
  const { context, session, error } = failed;
  if (context === null || context.incoming.length === 0 || isChannelFailure(error))
    return { sent: [], handoff: null };
  const handoff = await findHandoffAfterFailures(deps, context, session.turn.key);
  const language = languageOf(context);
  const sentences = [
    // Whoever is asked to try again may get it twice.
    hasLeftTraces(session.finishedSteps())
      ? sentence("partlyDone", language)
      : (context.chatbot.failureMessage ?? sentence("failure", language)),
    ...(handoff === null ? [] : [sentence("handedOver", language)]),
  ];
  const sent = await apologize(deps, { context, session, text: sentences.join("\n\n") });
  if (sent.length === 0 || handoff === null) return { sent, handoff: null };
  deps.metrics.handedOver(handoff.reason);
  return { sent, handoff };
}

function leavesOf(
  deps: Pick<AlertOnFailureDeps, "clock" | "keyRing">,
  failed: {
    readonly context: ConversationContext;
    readonly session: TurnSession;
    readonly told: Told;
  },
): TurnEffects {
  const { context, session, told } = failed;
  const toolCalls = readMadeCalls(session.finishedSteps()).map(nameCall);
  return {
    ...context,
    ...told,
    turnId: session.turn.turnId,
    history: told.sent.map((message, index) => ({
      ...describeSent(message.content),
      whatsappMessageId: message.whatsappMessageId,
      toolCalls: index === 0 && toolCalls.length > 0 ? toolCalls : null,
      sentAt: deps.clock.now().toISOString(),
    })),
    toolExecutions: recordTools(deps.keyRing, context.organizationId, session.finishedSteps()),
    confirmation: null,
    promptVersion: null,
    usage: logUsage({ calls: readModelCalls(session.finishedSteps()) }),
    purpose: "failed turn",
  };
}

function nameCall({ facts, outcome }: MadeCall) {
  return { name: facts.name, status: outcome.status, durationMs: outcome.durationMs };
}

/** When WhatsApp itself refuses us, an apology through WhatsApp has no chance. */
function isChannelFailure(error: AppError): boolean {
  return error.code.startsWith("WHATSAPP_");
}

/** Sends the sentence, as well as it goes: a second failure must not hide the first. */
async function apologize(
  deps: AlertOnFailureDeps,
  apology: {
    readonly context: ConversationContext;
    readonly session: TurnSession;
    readonly text: string;
  },
): Promise<readonly SentMessage[]> {
  try {
    const reply = await sendReply(deps, {
      context: apology.context,
      session: apology.session,
      reply: { text: apology.text },
      draft: "final",
    });
    return reply.kind === "sent" ? reply.sent : [];
  } catch (failure) {
    const { turnId } = apology.session.turn;
    deps.logger.warn({ turnId, error: failure }, "failure sentence not sent");
    return [];
  }
}

function describe(
  error: AppError,
  failed: {
    readonly context: ConversationContext | null;
    readonly session: TurnSession;
    readonly told: boolean;
  },
): Alert {
  const { turn } = failed.session;
  const told = failed.told
    ? "The customer got the failure sentence."
    : "The customer got no answer to this message.";
  const changed = readMadeCalls(failed.session.finishedSteps())
    .filter(({ facts, outcome }) => facts.effects === "outside" && !hasChangedNothing(outcome))
    .map(({ facts, outcome }) => `${facts.name} (${outcome.status})`);
  const left =
    changed.length === 0
      ? ""
      : ` Tools may have changed something outside, please check: ${changed.join(", ")}.`;
  return {
    severity: severityOf(error),
    type: "turn_failed",
    errorCode: error.code,
    message: `${ERRORS[error.code].explanation} ${told}${left}`,
    chatbotId: failed.context?.chatbotId ?? null,
    turnId: turn.turnId,
    stepId: stepOf(error),
    details: { ...error.details, attempts: turn.attempt },
  };
}

/** Critical: every further message of this chatbot will fail too, until somebody acts. */
function severityOf(error: AppError): Alert["severity"] {
  switch (error.code) {
    case "WHATSAPP_TOKEN_INVALID":
    case "WHATSAPP_ACCOUNT_RESTRICTED":
    case "WHATSAPP_PERMISSION_DENIED":
    case "MODEL_KEY_INVALID":
    case "KEY_RING_MISMATCH":
      return "critical";
    case "WHATSAPP_WINDOW_CLOSED":
    case "WHATSAPP_RECIPIENT_UNREACHABLE":
      return "warning";
    default:
      return "error";
  }
}

function stepOf(error: AppError): string | null {
  if (error.code.startsWith("MODEL_")) return "agent";
  if (error.code.startsWith("WHATSAPP_")) return "send-reply";
  return null;
}
