import type { ConversationContext } from "#domain/conversation.ts";
import {
  findOpenState,
  formatDate,
  formatTime,
  type LocalMoment,
  toLocalMoment,
} from "#domain/open-state.ts";
import { kindOfVariable, listVariables } from "#domain/prompt-variables.ts";

/** What a note to the model begins with that no customer wrote. */
const NOTE = "[Note for the next messages:";
/** The time of day is rounded down to this: models need no more, and get the same text more often. */
const ROUNDED_MINUTES = 15;

/**
 * The date, the time of day and whether the business is open, for the end of the prompt. The server
 * works it out: models are bad at time zones. Null for a business that has not said where it is and
 * whose prompt does not ask. Pure.
 */
export function describeMoment(context: ConversationContext): string | null {
  const { chatbot, loadedAt } = context;
  const { content } = chatbot.prompt;
  const { timeZone, openingHours } = content;
  const isAsked = listVariables(content.systemPrompt).some(
    (name) => kindOfVariable(name) === "moment",
  );
  if (timeZone === null && !isAsked) return null;
  const now = toLocalMoment(new Date(loadedAt), timeZone ?? "UTC");
  const rounded = now.minutes - (now.minutes % ROUNDED_MINUTES);
  const time = `it is ${formatDate(now.date)}, about ${formatTime(rounded)} (${timeZone ?? "UTC"}).`;
  const business = content.businessName || chatbot.name;
  const state =
    openingHours === null
      ? ""
      : ` ${business} is ${describeState(findOpenState(openingHours, now), now)}.`;
  return `${NOTE} ${time}${state}]`;
}

function describeState(state: ReturnType<typeof findOpenState>, now: LocalMoment): string {
  switch (state.kind) {
    case "open":
      return state.until === null ? "open now" : `open now, until ${at(state.until, now)}`;
    case "closed":
      return state.opens === null
        ? "closed now"
        : `closed now; it opens at ${at(state.opens, now)}`;
  }
}

function at({ date, minutes }: LocalMoment, now: LocalMoment): string {
  return date === now.date ? formatTime(minutes) : `${formatTime(minutes)} on ${formatDate(date)}`;
}
