import { type Kysely, sql } from "kysely";
import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import type { WebhookChange } from "#domain/webhook-event.ts";
import type { DB } from "./generated/database.ts";

/** Whose number it is, and the sealed app secret that signs its webhooks, if it has one of its own. */
export type PhoneNumberRoute = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  readonly sealedAppSecret: string | null;
};

/** Finds the chatbot of a WhatsApp number; null for a number that nobody has registered. */
export async function findRoute(
  db: Kysely<DB>,
  phoneNumberId: string,
): Promise<PhoneNumberRoute | null> {
  const { rows } = await sql<{
    organization_id: OrganizationId;
    chatbot_id: ChatbotId;
    sealed_app_secret: string | null;
  }>`select * from route_phone_number(${phoneNumberId})`.execute(db);
  const [row] = rows;
  return row === undefined
    ? null
    : {
        organizationId: row.organization_id,
        chatbotId: row.chatbot_id,
        sealedAppSecret: row.sealed_app_secret,
      };
}

/** Keeps a change that belongs to no chatbot, for the operator. */
export async function insertUnroutedEvent(db: Kysely<DB>, change: WebhookChange): Promise<void> {
  await sql`select record_unrouted_change(${change.phoneNumberId ?? null}, ${change.field},
    ${JSON.stringify(change.payload)}::jsonb)`.execute(db);
}
