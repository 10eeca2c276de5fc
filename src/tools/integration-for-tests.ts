import {
  ChatbotId,
  ContactId,
  ConversationId,
  IntegrationId,
  OrganizationId,
} from "#domain/ids.ts";
import type { Integration, ToolCaller } from "./tool-source.ts";

/** For tests: an http integration that answers on example.com, unless told otherwise. */
export function integrationOf(changes: Partial<Integration> = {}): Integration {
  return {
    id: IntegrationId.parse("01930000-0000-7000-8000-000000000005"),
    provider: "http",
    name: "a_tool",
    description: "A tool.",
    settings: { url: "https://api.example.com/things" },
    credentials: {},
    toolConfig: {},
    ...changes,
  };
}

/** For tests: Ana, on whose behalf tools are called. */
export const ANA: ToolCaller = {
  organizationId: OrganizationId.parse("01930000-0000-7000-8000-000000000001"),
  chatbotId: ChatbotId.parse("01930000-0000-7000-8000-000000000002"),
  conversationId: ConversationId.parse("01930000-0000-7000-8000-000000000003"),
  contactId: ContactId.parse("01930000-0000-7000-8000-000000000004"),
  contact: { name: "Ana", phone: "15551234567", userId: null },
};
