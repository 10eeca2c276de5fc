import { ERRORS } from "#domain/errors.ts";
import { attemptsMax } from "#mailbox/retry-policy.ts";
import type { ConversationState } from "#store/conversation-state.ts";
import { formatDuration } from "./format-duration.ts";

/** What explaining needs to know besides the state itself. */
export type ExplainLimits = {
  /** How long an unknown outcome waits for its status before the message is sent again. */
  readonly outcomeWaitMs: number;
  /** Silence after which others take a worker for dead. */
  readonly deadAfterMs: number;
};

type Mailbox = NonNullable<ConversationState["mailbox"]>;

/** Says in one sentence why a conversation is answered, not yet answered, or not answered. */
export function explainConversation(state: ConversationState, limits: ExplainLimits): string {
  const { mailbox } = state;
  if (mailbox !== null && mailbox.owner !== null)
    return explainRunning(state, { mailbox, owner: mailbox.owner }, limits);
  if (mailbox !== null && mailbox.waiting > 0) return explainWaiting(state, mailbox, limits);
  return explainResting(state);
}

function explainRunning(
  state: ConversationState,
  running: { readonly mailbox: Mailbox; readonly owner: string },
  limits: ExplainLimits,
): string {
  const { mailbox, owner } = running;
  const silentMs = state.ownerSilentMs;
  if (silentMs === null || silentMs > limits.deadAfterMs)
    return `A worker (${owner}) has it but gives no sign of life${silentMs === null ? "" : ` for ${formatDuration(silentMs)}`}; another worker takes over${state.workers > 0 ? "" : " as soon as one runs"}.`;
  const step =
    mailbox.lastStep === null
      ? ""
      : `, and its step "${mailbox.lastStep.name}" was finished ${formatDuration(mailbox.lastStep.ageMs)} ago`;
  const attempt = mailbox.attempt > 1 ? ` (attempt ${attemptOf(mailbox.attempt, mailbox)})` : "";
  return `A worker (${owner}) runs it${attempt}; its oldest message came ${formatDuration(mailbox.oldestMessageMs)} ago${step}.`;
}

function explainWaiting(state: ConversationState, mailbox: Mailbox, limits: ExplainLimits): string {
  const { dueInMs } = mailbox;
  if (state.workers === 0) {
    const due =
      dueInMs > 0 ? `Due in ${formatDuration(dueInMs)}` : `Due for ${formatDuration(-dueInMs)}`;
    return `${due}, but no worker is running: start one with ./parley work.`;
  }
  if (dueInMs <= 0)
    return `Due for ${formatDuration(-dueInMs)}: the next free worker takes it (all places are taken, or the organization runs as many turns as it may).`;
  if (mailbox.errorCode === "WHATSAPP_OUTCOME_UNKNOWN" || state.unknownSend !== null) {
    const ageMs = state.unknownSend?.ageMs ?? 0;
    const againMs = Math.max(dueInMs, limits.outcomeWaitMs - ageMs);
    return `Waits for WhatsApp's status of a message whose outcome is unknown; sent again in ${formatDuration(againMs)}.`;
  }
  if (mailbox.attempt === 0)
    return `Waits ${formatDuration(dueInMs)} for further messages before it answers all of them.`;
  return `Waits ${formatDuration(dueInMs)} for its next attempt (attempt ${attemptOf(mailbox.attempt + 1, mailbox)})${reasonOf(mailbox.errorCode)}.`;
}

const WHY_PAUSED: Readonly<Record<string, string>> = {
  handoff: "the bot has handed over, and no colleague has written yet",
  "phone app": "a colleague answers from the WhatsApp app",
  operator: "an operator has taken over",
};

function explainResting(state: ConversationState): string {
  if (state.status === "merged")
    return "Merged: the same person's other conversation goes on in its place.";
  if (state.isPaused)
    return state.pausedUntil === null
      ? "Paused: a colleague answers until somebody resumes it (./parley conversation resume)."
      : `Paused: ${WHY_PAUSED[state.pausedReason ?? ""] ?? "a colleague has it"}; the bot comes back at ${formatTime(state.pausedUntil)}, or when somebody resumes it.`;
  if (!state.chatbot.isActive)
    return state.chatbot.disabledReason === "quota"
      ? "Silent: the organization has used up its monthly limit, so its chatbots are off."
      : "Silent: its chatbot is switched off (./parley chatbot enable).";
  const last = state.lastTurn;
  if (last?.status === "failed")
    return `Its last turn failed${reasonOf(last.errorCode)}; ./parley turns retry ${last.id} tries again.`;
  return last === null ? "Idle: there was nothing to answer yet." : "Idle: everything is answered.";
}

const attemptOf = (attempt: number, mailbox: Mailbox): string =>
  `${attempt} of ${attemptsMax(mailbox.errorCode ?? "")}`;

/** The explanation of a code, as it goes on after a colon. */
function reasonOf(code: string | null): string {
  if (code === null) return "";
  const known = Object.entries(ERRORS).find(([name]) => name === code);
  if (known === undefined) return ` (${code})`;
  const text = known[1].explanation.replace(/\.$/, "");
  const start = text.replace(/^(The|A|Another|Too|Something|What)\b/, (word) => word.toLowerCase());
  return `: ${start} (${code})`;
}

/** `2026-11-25T14:00:00+00:00` as `2026-11-25 14:00 UTC`. */
const formatTime = (iso: string): string =>
  `${new Date(iso).toISOString().slice(0, 16).replace("T", " ")} UTC`;
