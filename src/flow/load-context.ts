import { z } from "zod";
import type { ConversationContext, HistoryEntry } from "#domain/conversation.ts";
import { AppError } from "#domain/errors.ts";
import { estimateTokens } from "#domain/estimate-tokens.ts";
import { ConversationNotice } from "#domain/handoff.ts";
import { ConversationId } from "#domain/ids.ts";
import type { Turn } from "#domain/turn.ts";
import { chooseLanguage } from "#language/choose-language.ts";
import type { Clock } from "#platform/clock.ts";
import { type LoadedConversation, loadConversation } from "#store/conversation-context.ts";
import type { AppDatabase } from "#store/database.ts";
import { asksForHuman } from "./handoff/asks-for-human.ts";
import { deserveLateAnswer } from "./handoff/deserve-late-answer.ts";
import { ownWords } from "./own-words.ts";

export type LoadContextDeps = { readonly db: AppDatabase; readonly clock: Pick<Clock, "now"> };

/** What a conversation's mailbox holds. */
const Posted = z.union([z.object({ messageId: z.uuid() }), ConversationNotice]);

/** Messages read at most; the chatbot's token budget usually cuts earlier. */
const MESSAGES_MAX = 60;
const KEY_PREFIX = "conversation:";

/**
 * Step 1. Reads the chatbot, the person, and what was said lately. Returns null when there is nothing
 * to answer or to tell any more: the conversation is gone, or its new messages were deleted by the
 * person before the turn began; had it begun, the context has none to answer. Nothing is to be answered while a colleague has the conversation.
 */
export async function loadContext(
  deps: LoadContextDeps,
  turn: Turn,
): Promise<ConversationContext | null> {
  const { organizationId } = turn;
  if (organizationId === null)
    throw new AppError("INTERNAL", "A conversation without an organization");
  const conversationId = ConversationId.parse(turn.key.slice(KEY_PREFIX.length));
  const posted = turn.messages.map((message) => Posted.parse(message));
  const notices = posted.filter((each) => "notice" in each);
  const messageIds = posted.flatMap((each) => ("messageId" in each ? [each.messageId] : []));
  const late = notices.flatMap((each) => (each.notice === "back" ? each.unanswered : []));

  const loaded = await loadConversation(deps.db, organizationId, {
    conversationId,
    messages: MESSAGES_MAX + messageIds.length + late.length,
  });
  if (loaded === null) return null;
  const entries = loaded.entries.filter((entry) => !entry.revoked);
  const incoming = findIncoming(entries, { messageIds, late });
  const hasBegun = Object.keys(turn.steps).length > 0;
  // What a turn had done before its messages were deleted is written down: it goes on, and says nothing.
  const deleted = hasBegun ? findIncoming(loaded.entries, { messageIds, late }).at(-1) : undefined;
  const newest = incoming.at(-1) ?? newestOfCustomer(entries, notices) ?? deleted;
  if (newest?.whatsappMessageId == null) return null;

  const { historyTokenBudget, ...chatbot } = loaded.chatbot;
  // A turn that had begun goes on to where the reply leaves: something of it may have been sent.
  const isPaused = loaded.isPaused && !hasBegun;
  // What the person wrote after these messages belongs to the next turn, which answers it.
  const end = entries.lastIndexOf(newest);
  const earlier = entries.filter(
    (entry, index) =>
      !incoming.includes(entry) &&
      (entry.author !== "customer" || index < end || incoming.length === 0),
  );
  const toEntry = (entry: Entry) => toHistoryEntry(entry, entries);
  return {
    organizationId,
    chatbotId: loaded.chatbotId,
    conversationId,
    contactId: loaded.contactId,
    chatbot,
    contact: loaded.contact,
    loadedAt: deps.clock.now().toISOString(),
    language: await chooseLanguage(ownWords(incoming), loaded.contact.language),
    isPaused,
    botSince: loaded.botSince,
    notices,
    history: withinBudget(earlier.map(toEntry), historyTokenBudget),
    incoming: isPaused ? [] : incoming.map(toEntry),
    newestWhatsAppMessageId: newest.whatsappMessageId,
    newestMessageAt: newest.sentAt,
  };
}

type Entry = LoadedConversation["entries"][number];

/** The messages of this turn, and those that came while a colleague had the conversation. */
function findIncoming(
  entries: readonly Entry[],
  ids: { readonly messageIds: readonly string[]; readonly late: readonly string[] },
): readonly Entry[] {
  // Who asked for a person meanwhile has had one, or is told that nobody came.
  const late = entries.filter(
    ({ id, text }) => ids.late.includes(id) && asksForHuman(text, ANY_WORDS) === null,
  );
  const answersLate = deserveLateAnswer(late);
  return entries.filter(
    (entry) => ids.messageIds.includes(entry.id) || (answersLate && late.includes(entry)),
  );
}

const ANY_WORDS = { keywords: [], language: null };

/** A turn that only brings notices: WhatsApp counts its 24 hours from the person's last message. */
function newestOfCustomer(
  entries: readonly Entry[],
  notices: readonly ConversationNotice[],
): Entry | undefined {
  if (notices.length === 0) return undefined;
  return entries.findLast((entry) => entry.author === "customer");
}

/** The newest entries whose tokens fit the budget, oldest first. */
function withinBudget(entries: readonly HistoryEntry[], budget: number): readonly HistoryEntry[] {
  let tokens = 0;
  const start = entries.findLastIndex((entry) => {
    tokens += estimateTokens(entry.text);
    return tokens > budget;
  });
  return entries.slice(start + 1);
}

function toHistoryEntry(entry: Entry, all: readonly Entry[]): HistoryEntry {
  const { id, author, type, text, sentAt, data, media, shape } = entry;
  const answered =
    entry.repliesTo === null
      ? undefined
      : all.find(({ whatsappMessageId }) => whatsappMessageId === entry.repliesTo);
  return {
    id,
    author,
    type,
    text,
    sentAt,
    ...(data === null ? {} : { data }),
    ...(media === null ? {} : { media }),
    ...(shape === null ? {} : { shape }),
    ...(answered === undefined
      ? {}
      : { repliesTo: { author: answered.author, text: answered.text } }),
  };
}
