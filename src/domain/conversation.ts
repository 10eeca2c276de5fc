import type { ChatbotId, ContactId, ConversationId, OrganizationId } from "./ids.ts";
import type { PublishedPrompt } from "./prompt-content.ts";
import type { JsonObject } from "./webhook-event.ts";

/** One thing said in a conversation, as a model may read it. */
export type HistoryEntry = {
  /** `human` is a colleague of the business who answered instead of the bot. */
  readonly author: "customer" | "bot" | "human";
  /** Meta's message type; everything but `text` carries its caption or a note in `text`. */
  readonly type: string;
  readonly text: string;
  /** ISO 8601. */
  readonly sentAt: string;
};

/**
 * Step 1's result: all that the later steps need to know, as plain JSON so that the flow can also
 * run step by step on another machine. Holds no secret.
 */
export type ConversationContext = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  readonly conversationId: ConversationId;
  readonly contactId: ContactId;
  readonly chatbot: {
    readonly name: string;
    readonly model: string;
    readonly fallbackModel: string | null;
    /** The published version of its instructions. */
    readonly prompt: PublishedPrompt;
    /** Sent instead of silence when the turn fails for good. */
    readonly failureMessage: string;
    /**
     * How its documents are searched: when the model asks (`tool`), before every answer too
     * (`always`), or not at all, because it has none.
     */
    readonly retrieval: "none" | "tool" | "always";
    readonly spend: {
      /** What the model calls of one turn may cost, in millionths of a US dollar; null: no ceiling. */
      readonly turnCeilingMicros: number | null;
      /** Whether the chatbot has spent what it may spend in this billing period. */
      readonly isMonthUsedUp: boolean;
    };
  };
  readonly contact: {
    readonly name: string | null;
    readonly phone: string | null;
    readonly userId: string | null;
    /** What the business knows of the person; hostile like all that people write. */
    readonly attributes: JsonObject;
  };
  /** ISO 8601: when this was read. */
  readonly loadedAt: string;
  /** Earlier messages within the token budget, oldest first. */
  readonly history: readonly HistoryEntry[];
  /** The messages that this turn answers, oldest first; at least one. */
  readonly incoming: readonly HistoryEntry[];
  /** Meta's id of the newest message of this turn. */
  readonly newestWhatsAppMessageId: string;
  /** ISO 8601; the 24-hour window counts from here. */
  readonly newestMessageAt: string;
};

/** What one model call cost. */
export type ModelCall = {
  /** The `provider:model` that answered. */
  readonly model: string;
  readonly inputTokens: number;
  /** Those of them that the provider had in its cache; left out when there were none. */
  readonly cachedInputTokens?: number;
  readonly outputTokens: number;
  readonly durationMs: number;
};

/** Step 2's result. */
export type AgentAnswer = {
  /** Markdown, as models write it. */
  readonly text: string;
  readonly calls: readonly ModelCall[];
  readonly toolCalls: readonly {
    readonly name: string;
    readonly status: "success" | "failed";
    readonly durationMs: number;
  }[];
};
