import { sql } from "kysely";
import { z } from "zod";
import type { ConversationId, OrganizationId } from "#domain/ids.ts";
import { ChatbotId, ContactId } from "#domain/ids.ts";
import { MessageMedia } from "#domain/media.ts";
import { OutboundShape } from "#domain/outbound.ts";
import { PublishedPrompt } from "#domain/prompt-content.ts";
import { ReplyShapes } from "#domain/reply-addition.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import { callTogether, type SharedCall } from "./call-together.ts";
import type { AppDatabase } from "./database.ts";

const Data: z.ZodType<JsonObject> = z.record(z.string(), z.json());

const Entry = z.object({
  id: z.string(),
  author: z.enum(["customer", "bot", "human"]),
  type: z.string(),
  text: z.string(),
  sentAt: z.string(),
  whatsappMessageId: z.string().nullable(),
  revoked: z.boolean(),
  data: Data.nullable(),
  media: MessageMedia.nullable(),
  /** Meta's id of the message that it answers. */
  repliesTo: z.string().nullable(),
  /** What a message of the bot offered besides its words. */
  shape: OutboundShape.nullable().catch(null),
});

const Loaded = z.object({
  chatbotId: ChatbotId,
  contactId: ContactId,
  chatbot: z.object({
    name: z.string(),
    model: z.string(),
    fallbackModel: z.string().nullable(),
    prompt: PublishedPrompt,
    failureMessage: z.string().nullable(),
    knowledgeLanguages: z.array(z.string()),
    retrieval: z.enum(["none", "tool", "always"]),
    shapes: ReplyShapes,
    hasTools: z.boolean(),
    historyTokenBudget: z.number(),
    media: z.object({
      transcriptionModel: z.string().nullable(),
      images: z.enum(["auto", "yes", "no"]).catch("auto"),
    }),
    handoff: z.enum(["on", "off"]).catch("on"),
    handoffKeywords: z.array(z.string()).catch([]),
    spend: z.object({ turnCeilingMicros: z.number().nullable(), isMonthUsedUp: z.boolean() }),
  }),
  contact: z.object({
    name: z.string().nullable(),
    phone: z.string().nullable(),
    userId: z.string().nullable(),
    attributes: z.record(z.string(), z.json()),
    language: z.string().nullable(),
    isOptedOut: z.boolean(),
  }),
  isPaused: z.boolean(),
  botSince: z.string().nullable(),
  entries: z.array(Entry),
});

const LoadedOrGone = Loaded.nullable();

/** All that a turn reads, in one query: the chatbot, the person, and the newest messages. */
export type LoadedConversation = z.infer<typeof Loaded>;

/**
 * Reads a conversation with its newest messages, oldest first; null when it is gone. One call
 * (migrations/0008_answering.sql).
 * @param messages how many to read at most; the token budget cuts further.
 */
export async function loadConversation(
  db: AppDatabase,
  organizationId: OrganizationId,
  wanted: { readonly conversationId: ConversationId; readonly messages: number },
): Promise<LoadedConversation | null> {
  const loaded = await callTogether(db, LOAD_CONVERSATION, { organizationId, ...wanted });
  return LoadedOrGone.parse(loaded);
}

const LOAD_CONVERSATION: SharedCall<{ readonly conversationId: ConversationId }> = {
  name: "load_conversation",
  orderOf: ({ conversationId }) => conversationId,
  call: sql`load_conversation((input ->> 'organizationId')::uuid, (input ->> 'conversationId')::uuid,
    (input ->> 'messages')::integer)`,
};
