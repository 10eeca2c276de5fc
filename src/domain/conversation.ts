import type { ConversationNotice } from "./handoff.ts";
import type { ChatbotId, ContactId, ConversationId, OrganizationId } from "./ids.ts";
import type { MessageMedia } from "./media.ts";
import type { OutboundAttachment, OutboundShape } from "./outbound.ts";
import type { PublishedPrompt } from "./prompt-content.ts";
import type { ReplyShapeName } from "./reply-addition.ts";
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
  /** The buttons, list, link or request that the bot's message offered. */
  readonly shape?: OutboundShape;
  /** The message that this one answers, by a tap on one of its buttons or by quoting it. */
  readonly repliesTo?: { readonly author: HistoryEntry["author"]; readonly text: string };
  /** Id of the message in the history. */
  readonly id?: string;
  /** Meta's object of a customer's message that is more than text: an order, a place, a form. */
  readonly data?: JsonObject;
  /** Its file, once somebody has looked for it. */
  readonly media?: MessageMedia;
};

/** How a chatbot deals with files of customers. */
export type MediaSettings = {
  /** Transcribes voice messages; null: the platform's. `none` switches it off. */
  readonly transcriptionModel: string | null;
  /** Whether its models are given pictures; `auto`: where we know that the model sees. */
  readonly images: "auto" | "yes" | "no";
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
    /** Sent instead of silence when the turn fails for good; null: Parley's own sentence. */
    readonly failureMessage: string | null;
    /**
     * How its documents are searched: when the model asks (`tool`), before every answer too
     * (`always`), or not at all, because it has none.
     */
    readonly retrieval: "none" | "tool" | "always";
    /** What it may send besides words. */
    readonly shapes: readonly ReplyShapeName[];
    /** What its documents are written in (ISO 639-1), most of them in the first; empty: unknown. */
    readonly knowledgeLanguages: readonly string[];
    readonly media: MediaSettings;
    /** Whether its organization has given it integrations: those without read no further rows. */
    readonly hasTools: boolean;
    /** Whether the bot hands over to colleagues by itself. */
    readonly handoff: "on" | "off";
    /** The business's own words for wanting a person. */
    readonly handoffKeywords: readonly string[];
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
    /** What was known before this turn, a BCP 47 tag; null: nothing. */
    readonly language: string | null;
    /** Wants to be written to only in answer to what they write. */
    readonly isOptedOut: boolean;
  };
  /** ISO 8601: when this was read. */
  readonly loadedAt: string;
  /** What the customer writes in as of this turn, a BCP 47 tag; null: nobody can tell yet. */
  readonly language: string | null;
  /** A colleague has the conversation: what the person writes is theirs to answer. */
  readonly isPaused: boolean;
  /** When the bot got the conversation back from a colleague, ISO 8601; null if it always had it. */
  readonly botSince: string | null;
  /** What the person is to be told besides, oldest first. */
  readonly notices: readonly ConversationNotice[];
  /** Earlier messages within the token budget, oldest first. */
  readonly history: readonly HistoryEntry[];
  /** The messages that this turn answers, oldest first; none when it only brings notices. */
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
  /** What the message with the text offers besides; the text is its body. */
  readonly shape: OutboundShape | null;
  /** Pictures and documents that go along, in this order. */
  readonly attachments: readonly OutboundAttachment[];
  readonly calls: readonly ModelCall[];
  readonly toolCalls: readonly {
    readonly name: string;
    readonly status: "success" | "asked" | "failed" | "timeout" | "unknown";
    readonly durationMs: number;
  }[];
};

/** Nothing said, by nobody. */
export const NO_ANSWER: AgentAnswer = {
  text: "",
  calls: [],
  toolCalls: [],
  shape: null,
  attachments: [],
};
