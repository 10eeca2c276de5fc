import { sql } from "kysely";
import type { TenantDatabase } from "./as-tenant.ts";
import type { Route } from "./inbound.ts";

/** A message of the sample data; it is stored and never answered. */
export type SampleMessage = {
  readonly id: string;
  readonly person: { readonly phone: string; readonly profileName: string };
  readonly author: "customer" | "bot" | "human";
  readonly text: string;
  readonly sentAt: Date;
};

/** Stores a sample message once, with its contact and conversation; false when it was there. */
export async function insertSampleMessage(
  tenant: TenantDatabase,
  route: Route,
  message: SampleMessage,
): Promise<boolean> {
  const row = {
    author: message.author,
    type: "text",
    text: message.text,
    data: {},
    whatsappMessageId: message.id,
    repliesTo: null,
    sentAt: message.sentAt.toISOString(),
    wantsAnswer: false,
  };
  const { rows } = await sql<{ outcome: string }>`
    select accept_message(${route.organizationId}, ${route.chatbotId}, ${JSON.stringify(message.person)}::jsonb,
      ${JSON.stringify(row)}::jsonb, 0) ->> 'outcome' as outcome`.execute(tenant);
  return rows[0]?.outcome === "stored";
}
