import type { Events } from "./events.ts";

/** A message that the fake Graph API accepted. */
export type SentMessage = {
  /** The message id that the sender got as an answer (`wamid.…`). */
  readonly id: string;
  /** Position among all accepted messages, starting at 1. */
  readonly order: number;
  readonly phoneNumberId: string;
  /** The address as the sender wrote it: `to`, or `recipient` for a user id. */
  readonly address: string;
  /** The known customer behind the address; null when nobody has it. */
  readonly customerId: string | null;
  /** Meta's type: text, interactive, template, image, … */
  readonly type: string;
  /** What the customer reads: text body, interactive body, caption or template name. */
  readonly text: string;
  /** The request body as it came in. */
  readonly body: unknown;
  /** `biz_opaque_callback_data`. */
  readonly callbackData: string | null;
  /** The message that this one quotes (`context.message_id`). */
  readonly replyToId: string | null;
  readonly atMs: number;
};

/** A message that the business marked as read. */
export type ReadMark = {
  readonly messageId: string;
  readonly phoneNumberId: string;
  readonly customerId: string;
  readonly typing: boolean;
  readonly atMs: number;
};

/** The record of what the business did, for tests to look at. */
export type Outbox = {
  readonly sent: () => readonly SentMessage[];
  readonly reads: () => readonly ReadMark[];
  readonly add: (message: Omit<SentMessage, "order">) => SentMessage;
  readonly addRead: (read: ReadMark) => void;
  /**
   * Resolves with the customer's next reply: the first one that no earlier call of this function
   * has returned, so a reply that came before the call is not missed.
   */
  readonly nextReply: (customerId: string, timeoutMs: number) => Promise<SentMessage>;
  readonly clear: () => void;
};

/** Starts an empty record. */
export function createOutbox(deps: { readonly events: Events }): Outbox {
  let sent: SentMessage[] = [];
  let reads: ReadMark[] = [];
  const unreadReplies = new Map<string, SentMessage[]>();
  const repliesOf = (customerId: string) => {
    const replies = unreadReplies.get(customerId) ?? [];
    unreadReplies.set(customerId, replies);
    return replies;
  };
  return {
    sent: () => sent,
    reads: () => reads,
    add: (message) => {
      const numbered = { ...message, order: sent.length + 1 };
      sent.push(numbered);
      if (numbered.customerId !== null) repliesOf(numbered.customerId).push(numbered);
      deps.events.emit({ type: "sent", message: numbered });
      return numbered;
    },
    addRead: (read) => {
      reads.push(read);
      deps.events.emit({ type: "read", read });
    },
    nextReply: (customerId, timeoutMs) =>
      deps.events.waitFor(() => repliesOf(customerId).shift(), {
        timeoutMs,
        what: `a reply to ${customerId}`,
      }),
    clear: () => {
      sent = [];
      reads = [];
      unreadReplies.clear();
    },
  };
}
