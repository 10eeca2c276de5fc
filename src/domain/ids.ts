import { z } from "zod";

/**
 * Ids are UUIDv7 (ordered by time), branded so that one kind cannot be passed for another.
 * `newId` lives in platform/new-id.ts, since making one needs the clock.
 */
export const OrganizationId = z.uuid().brand<"OrganizationId">();
export type OrganizationId = z.infer<typeof OrganizationId>;

/** A chatbot: an agent that answers on one WhatsApp number. */
export const ChatbotId = z.uuid().brand<"ChatbotId">();
export type ChatbotId = z.infer<typeof ChatbotId>;

/** A person who writes to a chatbot. */
export const ContactId = z.uuid().brand<"ContactId">();
export type ContactId = z.infer<typeof ContactId>;

/** The one conversation of a contact with a chatbot. */
export const ConversationId = z.uuid().brand<"ConversationId">();
export type ConversationId = z.infer<typeof ConversationId>;

/** A message of the history, in either direction. */
export const MessageId = z.uuid().brand<"MessageId">();
export type MessageId = z.infer<typeof MessageId>;

/** A run of a handler over messages of a mailbox; the same after a crash. */
export const TurnId = z.uuid().brand<"TurnId">();
export type TurnId = z.infer<typeof TurnId>;

/** Our id of a message to WhatsApp, sent along as `biz_opaque_callback_data`. */
export const OutboundMessageId = z.uuid().brand<"OutboundMessageId">();
export type OutboundMessageId = z.infer<typeof OutboundMessageId>;

/** An integration of an organization: where tools of its chatbots come from. */
export const IntegrationId = z.uuid().brand<"IntegrationId">();
export type IntegrationId = z.infer<typeof IntegrationId>;
