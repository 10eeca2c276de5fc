import type { Events } from "./events.ts";

/** What a bubble shows; a plain description that the page in the browser can draw. */
export type ChatContent =
  | { readonly type: "text"; readonly text: string }
  | {
      readonly type: "media";
      readonly media: "image" | "audio" | "video" | "document" | "sticker";
      readonly url: string;
      readonly caption?: string | undefined;
      readonly filename?: string | undefined;
    }
  | {
      readonly type: "location";
      readonly latitude: number;
      readonly longitude: number;
      readonly name?: string | undefined;
    }
  | {
      readonly type: "choices";
      readonly kind: "buttons" | "list";
      readonly header?: string | undefined;
      readonly text: string;
      readonly footer?: string | undefined;
      /** Words on the button that opens a list. */
      readonly label?: string | undefined;
      readonly options: readonly ChatOption[];
    }
  | { readonly type: "link"; readonly text: string; readonly label: string; readonly url: string }
  /** The business asks where the customer is. */
  | { readonly type: "location-request"; readonly text: string }
  | { readonly type: "note"; readonly text: string };

/** Something the customer can tap. */
export type ChatOption = {
  readonly id: string;
  readonly title: string;
  readonly description?: string | undefined;
};

/** One bubble of a conversation, as the customer's phone keeps it. */
export type ChatMessage = {
  readonly id: string;
  readonly author: "customer" | "business" | "business-phone" | "system";
  readonly atMs: number;
  content: ChatContent;
  readonly replyToId: string | null;
  /** For the customer's messages: on its way, taken by the business (HTTP 200), read. */
  tick: "pending" | "delivered" | "read" | null;
  /** Answer of a webhook that was not taken: an HTTP status, or 0 when nobody answered. */
  problem: number | null;
  customerReaction: string | null;
  businessReaction: string | null;
  edited: boolean;
};

/** A bubble together with the conversation it belongs to. */
export type Chat = {
  readonly phoneNumberId: string;
  readonly customerId: string;
  readonly message: ChatMessage;
};

/** The conversations of all phones, in memory. */
export type Chats = {
  readonly add: (chat: AddChat) => Chat;
  readonly find: (messageId: string) => Chat | undefined;
  /** Changes a bubble in place and tells the listeners; an unknown id is ignored. */
  readonly change: (messageId: string, change: (message: ChatMessage) => void) => void;
  /** Newest conversation first, each with its last messages in order. */
  readonly recent: (limits: { conversations: number; messages: number }) => readonly Conversation[];
  readonly lastFromCustomerMs: (phoneNumberId: string, customerId: string) => number | undefined;
  /** The customer's messages up to and including this one. */
  readonly markRead: (messageId: string) => void;
  readonly clear: () => void;
};

/** What a new bubble must have; the rest has natural defaults. */
export type AddChat = {
  readonly phoneNumberId: string;
  readonly customerId: string;
  readonly message: Pick<ChatMessage, "id" | "author" | "atMs" | "content"> & Partial<ChatMessage>;
};

/** One conversation between a customer and a business number. */
export type Conversation = {
  readonly phoneNumberId: string;
  readonly customerId: string;
  readonly messages: readonly ChatMessage[];
};

/** Starts without conversations. */
export function createChats(deps: { readonly events: Events }): Chats {
  const conversations = new Map<
    string,
    { phoneNumberId: string; customerId: string; messages: ChatMessage[] }
  >();
  const byMessageId = new Map<string, Chat>();
  const lastFromCustomer = new Map<string, number>();
  const keyOf = (phoneNumberId: string, customerId: string) => `${phoneNumberId} ${customerId}`;
  const announce = (chat: Chat) => deps.events.emit({ type: "chat", chat });

  return {
    add: ({ phoneNumberId, customerId, message }) => {
      const chat: Chat = { phoneNumberId, customerId, message: { ...EMPTY_MESSAGE, ...message } };
      const key = keyOf(phoneNumberId, customerId);
      const conversation = conversations.get(key) ?? { phoneNumberId, customerId, messages: [] };
      conversation.messages.push(chat.message);
      // Re-inserted so that the map stays ordered by the latest message.
      conversations.delete(key);
      conversations.set(key, conversation);
      byMessageId.set(chat.message.id, chat);
      if (message.author === "customer") lastFromCustomer.set(key, message.atMs);
      announce(chat);
      return chat;
    },
    find: (messageId) => byMessageId.get(messageId),
    change: (messageId, change) => {
      const chat = byMessageId.get(messageId);
      if (chat === undefined) return;
      change(chat.message);
      announce(chat);
    },
    recent: (limits) =>
      [...conversations.values()]
        .reverse()
        .slice(0, limits.conversations)
        .map((conversation) => ({
          ...conversation,
          messages: conversation.messages.slice(-limits.messages),
        })),
    lastFromCustomerMs: (phoneNumberId, customerId) =>
      lastFromCustomer.get(keyOf(phoneNumberId, customerId)),
    markRead: (messageId) => {
      const chat = byMessageId.get(messageId);
      if (chat === undefined) return;
      const conversation = conversations.get(keyOf(chat.phoneNumberId, chat.customerId));
      for (const message of unreadUpTo(conversation?.messages ?? [], chat.message)) {
        message.tick = "read";
        announce({ ...chat, message });
      }
    },
    clear: () => {
      conversations.clear();
      byMessageId.clear();
      lastFromCustomer.clear();
    },
  };
}

const EMPTY_MESSAGE = {
  replyToId: null,
  tick: null,
  problem: null,
  customerReaction: null,
  businessReaction: null,
  edited: false,
};

/** The customer's messages up to this one that were not read before, newest first. */
function unreadUpTo(messages: readonly ChatMessage[], last: ChatMessage): ChatMessage[] {
  const fromCustomer = messages
    .slice(0, messages.indexOf(last) + 1)
    .filter(({ author }) => author === "customer");
  const lastRead = fromCustomer.findLastIndex(({ tick }) => tick === "read");
  return fromCustomer.slice(lastRead + 1);
}
