import { type Kysely, sql } from "kysely";
import { z } from "zod";
import { ChatbotId, OrganizationId } from "#domain/ids.ts";
import type { WebhookChange } from "#domain/webhook-event.ts";
import { callTogether, type SharedCall } from "./call-together.ts";
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
  return Route.parse(await callTogether(db, ROUTE_PHONE_NUMBER, { phoneNumberId }));
}

const Route = z
  .object({
    organizationId: OrganizationId,
    chatbotId: ChatbotId,
    sealedAppSecret: z.string().nullable(),
  })
  .nullable();

const ROUTE_PHONE_NUMBER: SharedCall<{ readonly phoneNumberId: string }> = {
  name: "route_phone_number",
  call: sql`(select jsonb_build_object('organizationId', route.organization_id,
    'chatbotId', route.chatbot_id, 'sealedAppSecret', route.sealed_app_secret)
    from route_phone_number(input ->> 'phoneNumberId') route)`,
  orderOf: ({ phoneNumberId }) => phoneNumberId,
};

/** Keeps a change that belongs to no chatbot, for the operator. */
export async function insertUnroutedEvent(db: Kysely<DB>, change: WebhookChange): Promise<void> {
  await sql`select record_unrouted_change(${change.phoneNumberId ?? null}, ${change.field},
    ${JSON.stringify(change.payload)}::jsonb)`.execute(db);
}
