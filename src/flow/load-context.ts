import { z } from "zod";
import type { ConversationContext, HistoryEntry } from "#domain/conversation.ts";
import { AppError } from "#domain/errors.ts";
import { estimateTokens } from "#domain/estimate-tokens.ts";
import { ConversationId } from "#domain/ids.ts";
import type { Turn } from "#domain/turn.ts";
import { chooseLanguage } from "#language/choose-language.ts";
import type { Clock } from "#platform/clock.ts";
import { type LoadedConversation, loadConversation } from "#store/conversation-context.ts";
import type { AppDatabase } from "#store/database.ts";
import { ownWords } from "./own-words.ts";

export type LoadContextDeps = { readonly db: AppDatabase; readonly clock: Pick<Clock, "now"> };

/** What a conversation's mailbox holds. */
const Posted = z.object({ messageId: z.uuid() });

/** Messages read at most; the chatbot's token budget usually cuts earlier. */
const MESSAGES_MAX = 60;
const KEY_PREFIX = "conversation:";

/**
 * Step 1. Reads the chatbot, the person, and what was said lately. Returns null when there is nothing
 * to answer any more: the conversation is gone, or its new messages were deleted by the person.
 */
export async function loadContext(
  deps: LoadContextDeps,
  turn: Turn,
): Promise<ConversationContext | null> {
  const { organizationId } = turn;
  if (organizationId === null)
    throw new AppError("INTERNAL", "A conversation without an organization");
  const conversationId = ConversationId.parse(turn.key.slice(KEY_PREFIX.length));
  const incomingIds = new Set(turn.messages.map((message) => Posted.parse(message).messageId));

  const loaded = await loadConversation(deps.db, organizationId, {
    conversationId,
    messages: MESSAGES_MAX + incomingIds.size,
  });
  if (loaded === null) return null;
  const entries = loaded.entries.filter((entry) => !entry.revoked);
  const incoming = entries.filter((entry) => incomingIds.has(entry.id));
  const newest = incoming.at(-1);
  if (newest?.whatsappMessageId == null) return null;

  const { historyTokenBudget, ...chatbot } = loaded.chatbot;
  // What the person wrote after these messages belongs to the next turn, which answers it.
  const end = entries.lastIndexOf(newest);
  const earlier = entries.filter(
    (entry, index) => !incomingIds.has(entry.id) && (entry.author !== "customer" || index < end),
  );
  const toEntry = (entry: LoadedEntry) => toHistoryEntry(entry, entries);
  return {
    organizationId,
    chatbotId: loaded.chatbotId,
    conversationId,
    contactId: loaded.contactId,
    chatbot,
    contact: loaded.contact,
    loadedAt: deps.clock.now().toISOString(),
    language: await chooseLanguage(ownWords(incoming), loaded.contact.language),
    history: withinBudget(earlier.map(toEntry), historyTokenBudget),
    incoming: incoming.map(toEntry),
    newestWhatsAppMessageId: newest.whatsappMessageId,
    newestMessageAt: newest.sentAt,
  };
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

type LoadedEntry = LoadedConversation["entries"][number];

function toHistoryEntry(entry: LoadedEntry, all: readonly LoadedEntry[]): HistoryEntry {
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
