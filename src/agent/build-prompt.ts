import type { AssistantModelMessage, UserModelMessage } from "ai";
import type { ConversationContext, HistoryEntry } from "#domain/conversation.ts";
import type { KnowledgeSearch } from "#domain/knowledge-search.ts";
import { buildInstructions, COLLEAGUE_PREFIX, toDataBlock } from "./build-instructions.ts";
import { describeMoment } from "./describe-moment.ts";
import { describeAnswered, describeOffer } from "./describe-offer.ts";

/** What a model is given: who it is, and the conversation so far. */
export type AgentPrompt = {
  readonly instructions: string;
  readonly messages: (UserModelMessage | AssistantModelMessage)[];
};

/**
 * The prompt of one turn. What changes least comes first (rules, the chatbot, the contact, then the
 * conversation oldest first, then the moment), so that providers can reuse what they have read
 * before. Pure.
 */
export function buildPrompt(
  context: ConversationContext,
  found: KnowledgeSearch | null = null,
): AgentPrompt {
  const { history, incoming } = context;
  const moment = describeMoment(context);
  const conversation = [
    ...history.map(toModelMessage),
    ...(moment === null ? [] : [{ role: "user" as const, content: moment }]),
    ...(found === null ? [] : [toPassagesMessage(found)]),
    ...incoming.map(toModelMessage),
  ];
  const startsWithCustomer = conversation[0]?.role === "user";
  return {
    instructions: buildInstructions(context),
    // Some providers refuse a conversation that the assistant begins.
    messages: startsWithCustomer ? conversation : [CUT_OFF_NOTE, ...conversation],
  };
}

const CUT_OFF_NOTE: UserModelMessage = {
  role: "user",
  content: "[Earlier messages are not shown]",
};

/** What was found before the model was asked: data, close to the question that it may answer. */
function toPassagesMessage({ passages, note }: KnowledgeSearch): UserModelMessage {
  const shown = passages.map(({ source, page, text }) => ({ source, page, text }));
  return {
    role: "user",
    content: `[Passages of the business's documents for the next messages. ${note}]\n${toDataBlock({ passages: shown })}`,
  };
}

function toModelMessage(entry: HistoryEntry): UserModelMessage | AssistantModelMessage {
  switch (entry.author) {
    case "customer":
      return { role: "user", content: describe(entry, "The customer") };
    case "bot":
      return { role: "assistant", content: describe(entry, "You") };
    case "human":
      return {
        role: "assistant",
        content: `${COLLEAGUE_PREFIX} ${describe(entry, "The colleague")}`,
      };
  }
}

/** Meta's types that are words already; all others get a note, since models read no media here. */
const TEXT_TYPES = new Set(["text", "button", "interactive"]);

const MEDIA_NAMES: Readonly<Record<string, string>> = {
  image: "an image",
  video: "a video",
  audio: "a voice or audio message",
  document: "a document",
  sticker: "a sticker",
  location: "a location",
  contacts: "a contact card",
  order: "an order from the catalogue",
};

function describe(entry: HistoryEntry, sender: string): string {
  const notes = [describeAnswered(entry), describeWords(entry, sender), describeOffer(entry)];
  return notes.filter((note) => note !== null).join("\n");
}

function describeWords(entry: HistoryEntry, sender: string): string {
  const text = entry.text.trim();
  if (TEXT_TYPES.has(entry.type) && text !== "") return text;
  const note = `[${sender} sent ${MEDIA_NAMES[entry.type] ?? "a message of a kind that cannot be shown"}]`;
  return text === "" ? note : `${note}\n${text}`;
}
