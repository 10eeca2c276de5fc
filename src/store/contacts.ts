import { z } from "zod";
import type { ChatbotId, ConversationId } from "#domain/ids.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import type { TenantDatabase } from "./as-tenant.ts";

/** What a chatbot knows of the person in one of its conversations; null: it has no such conversation. */
export async function findContactOfConversation(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
  conversationId: ConversationId,
): Promise<{ readonly name: string | null; readonly attributes: JsonObject } | null> {
  const row = await tenant
    .selectFrom("conversations as c")
    .innerJoin("contacts as k", "k.id", "c.contact_id")
    .select(["k.profile_name as name", "k.attributes"])
    .where("c.id", "=", conversationId)
    .where("c.chatbot_id", "=", chatbotId)
    .executeTakeFirst();
  return row === undefined
    ? null
    : { name: row.name, attributes: z.record(z.string(), z.json()).parse(row.attributes) };
}
