import type { ConversationContext, HistoryEntry } from "#domain/conversation.ts";
import type { Handoff } from "#domain/handoff.ts";
import { foldText, tokenize } from "#domain/tokenize.ts";
import { ownWords } from "#flow/own-words.ts";
import { asksForHuman, saysNotHelped } from "./asks-for-human.ts";

/** A handoff that the customer's own words call for. */
export type FoundHandoff = Handoff & {
  /** The language that it was asked in; null when the words do not tell. */
  readonly language: string | null;
};

/** From the specification of repeated failure: the second time that it does not help is one too many. */
const COMPLAINTS_MAX = 2;
/** What was said longer ago has passed. */
const MEMORY_MS = 60 * 60 * 1_000;
/** Shorter messages repeat themselves without meaning anything: "ok", "hello there". */
const REPEATED_WORDS_MIN = 3;

/**
 * Whether the messages of this turn hand the conversation over without a model being asked: the
 * customer asks for a person, or says for the second time that the bot does not help. Null when not.
 */
export function findHandoff(context: ConversationContext): FoundHandoff | null {
  const { chatbot, language, incoming } = context;
  if (chatbot.handoff === "off") return null;
  const given = { keywords: chatbot.handoffKeywords, language };
  for (const { text } of incoming) {
    const wish = asksForHuman(text, given);
    if (wish !== null) return { reason: "asked", summary: summarize(context), ...wish };
  }
  return countComplaints(context) >= COMPLAINTS_MAX
    ? { reason: "not helped", summary: summarize(context), language: null }
    : null;
}

/** Complaints in a row of turns that lead to this one; 0 when this turn holds none. */
function countComplaints(context: ConversationContext): number {
  const history = sinceTheBotHasIt(context);
  // By far the most turns hold none, so their history is not read word by word. What nobody has answered yet
  // belongs to this turn.
  const answered = history.findLastIndex(({ author }) => author !== "customer") + 1;
  const newest = [...history.slice(answered), ...context.incoming];
  const mayComplain = newest.some(({ text }) => saysNotHelped(text));
  if (!mayComplain && !mayRepeat(history.slice(0, answered), newest)) return 0;
  const turns = toTurns([...history, ...context.incoming]);
  const earlier = new Set<string>();
  const complaints = turns.map((texts) => {
    const repeats = texts.some((text) => earlier.has(text));
    for (const text of texts) if (text.split(" ").length >= REPEATED_WORDS_MIN) earlier.add(text);
    return repeats || texts.some((text) => saysNotHelped(text));
  });
  return complaints.at(-1) === true ? complaints.filter(Boolean).length : 0;
}

/** Whether something may have been said before: texts of the same words have the same letters. */
function mayRepeat(history: readonly HistoryEntry[], newest: readonly HistoryEntry[]): boolean {
  const said = new Set(newest.map(lettersOf));
  return history.some((entry) => entry.author === "customer" && said.has(lettersOf(entry)));
}

function lettersOf({ text }: HistoryEntry): string {
  return foldText(text).replaceAll(/[^\p{L}\p{N}]+/gu, "");
}

/** What was said within the last hour to the bot, and not to a colleague. */
function sinceTheBotHasIt({
  history,
  botSince,
  newestMessageAt,
}: ConversationContext): readonly HistoryEntry[] {
  const sinceMs = Math.max(Date.parse(newestMessageAt) - MEMORY_MS, Date.parse(botSince ?? "1970"));
  const recent = history.filter(({ sentAt }) => Date.parse(sentAt) >= sinceMs);
  return recent.slice(recent.findLastIndex(({ author }) => author === "human") + 1);
}

/** The customer's texts, those together that the bot answered together. */
function toTurns(entries: readonly HistoryEntry[]): readonly (readonly string[])[] {
  const turns: string[][] = [[]];
  for (const entry of entries) {
    // A tapped button is the business's words: who taps it again does not complain.
    const text = ownWords([entry])[0] ?? "";
    if (entry.author === "customer") turns.at(-1)?.push(tokenize(text).join(" "));
    else if (turns.at(-1)?.length !== 0) turns.push([]);
  }
  return turns.filter((texts) => texts.length > 0);
}

const QUOTED_MESSAGES = 5;
const QUOTED_LENGTH_MAX = 200;

/** Without a model: the customer's last words. */
function summarize({ history, incoming }: ConversationContext): string {
  const texts = [...history, ...incoming]
    .filter(({ author, text }) => author === "customer" && text.trim() !== "")
    .slice(-QUOTED_MESSAGES)
    .map(({ text }) => `“${Array.from(text.trim()).slice(0, QUOTED_LENGTH_MAX).join("")}”`);
  return `The customer's last messages: ${texts.join(" / ")}`;
}
