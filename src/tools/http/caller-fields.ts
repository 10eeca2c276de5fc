import type { ToolCaller } from "#tools/tool-source.ts";

/** What the server knows of a call, by the name that templates use; null: not known of this contact. */
export type CallerFields = Readonly<Record<string, string | null>>;

/** The values of `{{contact.phone}}` and the like. Without a caller, only their names. */
export function readCallerFields(caller: ToolCaller | null): CallerFields {
  return {
    "contact.id": caller?.contactId ?? null,
    "contact.phone": caller?.contact.phone ?? null,
    "contact.user_id": caller?.contact.userId ?? null,
    "contact.name": caller?.contact.name ?? null,
    "conversation.id": caller?.conversationId ?? null,
    "chatbot.id": caller?.chatbotId ?? null,
    "organization.id": caller?.organizationId ?? null,
  };
}
