import { readModelCalls } from "#agent/read-model-calls.ts";
import type { ConversationContext } from "#domain/conversation.ts";
import { ERRORS, type AppError } from "#domain/errors.ts";
import { answerLanguage } from "#domain/language.ts";
import { sentence } from "#language/sentences.ts";
import type { Effects, TurnSession } from "#mailbox/turn-handler.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import type { Logger } from "#platform/logger.ts";
import { type Alert, recordAlert } from "#store/alerts.ts";
import { writeTurnEffects } from "#store/turn-effects.ts";
import { describeSent } from "./describe-sent.ts";
import { type LoadContextDeps, loadContext } from "./load-context.ts";
import { logUsage } from "./log-usage.ts";
import { recordTools } from "./record-tools.ts";
import { type SendReplyDeps, type SentMessage, sendReply } from "./send-reply.ts";

export type AlertOnFailureDeps = LoadContextDeps &
  SendReplyDeps & { readonly keyRing: Pick<KeyRing, "open" | "seal">; readonly logger: Logger };

/**
 * The failure handler: the customer gets the chatbot's configured sentence instead of silence, and the
 * alert reaches `system_alerts` and Slack. What it writes commits with the end of the failed turn.
 */
export async function alertOnFailure(
  deps: AlertOnFailureDeps,
  session: TurnSession,
  error: AppError,
): Promise<Effects | null> {
  const { organizationId, turnId } = session.turn;
  if (organizationId === null) return null;
  const context = await loadContext(deps, session.turn).catch(() => null);
  const sent =
    context === null || isChannelFailure(error) ? [] : await apologize(deps, context, session);
  return async (tenant) => {
    await recordAlert(
      tenant,
      organizationId,
      describe(error, { context, session, told: sent.length > 0 }),
    );
    if (context === null) return;
    await writeTurnEffects(tenant, {
      ...context,
      turnId,
      sent,
      history: sent.map((message) => ({
        ...describeSent(message.content),
        whatsappMessageId: message.whatsappMessageId,
        toolCalls: null,
        sentAt: deps.clock.now().toISOString(),
      })),
      toolExecutions: recordTools(deps.keyRing, organizationId, session.finishedSteps()),
      confirmation: null,
      promptVersion: null,
      usage: logUsage({ calls: readModelCalls(session.finishedSteps()) }),
      purpose: "failed turn",
    });
  };
}

/** When WhatsApp itself refuses us, an apology through WhatsApp has no chance. */
function isChannelFailure(error: AppError): boolean {
  return error.code.startsWith("WHATSAPP_");
}

/** Sends the configured sentence, or Parley's own, as well as it goes: a second failure must not hide the first. */
async function apologize(
  deps: AlertOnFailureDeps,
  context: ConversationContext,
  session: TurnSession,
): Promise<readonly SentMessage[]> {
  try {
    const { language, chatbot } = context;
    const text =
      chatbot.failureMessage ??
      sentence("failure", answerLanguage(language, chatbot.prompt.content.languages));
    const reply = await sendReply(deps, { context, session, reply: { text }, draft: "final" });
    return reply.kind === "sent" ? reply.sent : [];
  } catch (failure) {
    deps.logger.warn({ turnId: session.turn.turnId, error: failure }, "failure sentence not sent");
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
  return {
    severity: severityOf(error),
    type: "turn_failed",
    errorCode: error.code,
    message: `${ERRORS[error.code].explanation} ${told}`,
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
