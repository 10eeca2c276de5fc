import type { LanguageModelV4Message } from "@ai-sdk/provider";
import type { ConversationContext, HistoryEntry } from "#domain/conversation.ts";
import type { KnowledgeSearch } from "#domain/knowledge-search.ts";
import { buildInstructions, COLLEAGUE_PREFIX } from "./build-instructions.ts";
import { describeEntry } from "./describe-entry.ts";
import { describeMoment } from "./describe-moment.ts";
import { toDataBlock } from "./to-data-block.ts";

/** What a model is given: who it is, and the conversation so far. */
export type AgentPrompt = {
  readonly instructions: string;
  readonly messages: readonly LanguageModelV4Message[];
};

/** Bytes of the pictures that a model is shown, by their key in the storage. */
export type PromptImages = ReadonlyMap<string, Uint8Array>;

/** What only some turns have. */
export type PromptAdditions = {
  readonly found?: KnowledgeSearch | null;
  readonly images?: PromptImages;
  /** What the model must know of its tools, one line each. */
  readonly notes?: readonly string[];
  /** What has happened since the customer's last words, such as a call that they confirmed. */
  readonly events?: readonly string[];
};

/**
 * The prompt of one turn. What changes least comes first (rules, the chatbot, the contact, then the
 * conversation oldest first, then the moment), so that providers can reuse what they have read
 * before. Pure.
 */
export function buildPrompt(
  context: ConversationContext,
  { found = null, images = new Map(), notes = [], events = [] }: PromptAdditions = {},
): AgentPrompt {
  const { history, incoming } = context;
  const moment = describeMoment(context);
  const conversation = [
    ...history.map(toModelMessage),
    ...(moment === null ? [] : [toMessage("user", moment)]),
    ...(found === null ? [] : [toPassagesMessage(found)]),
    ...events.map((event) => toMessage("user", event)),
    ...incoming.map((entry) => toIncomingMessage(entry, images)),
  ];
  const startsWithCustomer = conversation[0]?.role === "user";
  return {
    instructions: [
      buildInstructions(context),
      ...(notes.length === 0 ? [] : [notes.join("\n")]),
    ].join("\n\n"),
    // Some providers refuse a conversation that the assistant begins.
    messages: startsWithCustomer ? conversation : [CUT_OFF_NOTE, ...conversation],
  };
}

const CUT_OFF_NOTE = toMessage("user", "[Earlier messages are not shown]");

function toMessage(role: "user" | "assistant", text: string): LanguageModelV4Message {
  return { role, content: [{ type: "text", text }] };
}

/** What was found before the model was asked: data, close to the question that it may answer. */
function toPassagesMessage({ passages, note }: KnowledgeSearch): LanguageModelV4Message {
  const shown = passages.map(({ source, page, text }) => ({ source, page, text }));
  return toMessage(
    "user",
    `[Passages of the business's documents for the next messages. ${note}]\n${toDataBlock({ passages: shown })}`,
  );
}

/** A message to answer: with its picture, where the model is shown it. */
function toIncomingMessage(entry: HistoryEntry, images: PromptImages): LanguageModelV4Message {
  const bytes = images.get(entry.media?.storageKey ?? "");
  if (bytes === undefined)
    return toMessage("user", describeEntry(entry, "The customer", "incoming"));
  const text = describeEntry(entry, "The customer", "incoming with its picture");
  const mediaType = entry.media?.mimeType ?? "image/jpeg";
  return {
    role: "user",
    content: [
      { type: "text", text },
      { type: "file", mediaType, data: { type: "data", data: bytes } },
    ],
  };
}

function toModelMessage(entry: HistoryEntry): LanguageModelV4Message {
  switch (entry.author) {
    case "customer":
      return toMessage("user", describeEntry(entry, "The customer", "history"));
    case "bot":
      return toMessage("assistant", describeEntry(entry, "You", "history"));
    case "human":
      return toMessage(
        "assistant",
        `${COLLEAGUE_PREFIX} ${describeEntry(entry, "The colleague", "history")}`,
      );
  }
}
