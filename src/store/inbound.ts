import { sql } from "kysely";
import { z } from "zod";
import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import type { DeliveryStatus, HumanEcho, InboundMessage, Person } from "#domain/webhook-event.ts";
import type { TenantDatabase } from "./as-tenant.ts";

/** The tenant and chatbot that a webhook belongs to. */
export type Route = { readonly organizationId: OrganizationId; readonly chatbotId: ChatbotId };

const Accepted = z.object({
  outcome: z.enum(["stored", "duplicate"]),
  conversationId: z.uuid().optional(),
  answers: z.boolean().optional(),
  sealedAccessToken: z.string().nullish(),
});

/** What became of a message. `sealedAccessToken` is there when the bot will answer it. */
export type AcceptedMessage = z.infer<typeof Accepted>;

/**
 * Stores a customer's message once and posts it to its conversation's mailbox.
 * @param longestWaitMs how long a burst may delay the answer, from its first message.
 */
export async function acceptMessage(
  tenant: TenantDatabase,
  route: Route,
  input: { readonly message: InboundMessage; readonly longestWaitMs: number },
): Promise<AcceptedMessage> {
  const { message } = input;
  const row = {
    author: "customer",
    type: message.content.type,
    text: message.content.text,
    data: message.content.data,
    whatsappMessageId: message.whatsappMessageId,
    repliesTo: message.repliesTo ?? null,
    sentAt: message.sentAt.toISOString(),
    wantsAnswer: message.wantsAnswer,
  };
  const { rows } = await sql<{ accepted: unknown }>`
    select accept_message(${route.organizationId}, ${route.chatbotId}, ${JSON.stringify(message.sender)}::jsonb,
      ${JSON.stringify(row)}::jsonb, ${input.longestWaitMs}) as accepted`.execute(tenant);
  return Accepted.parse(rows[0]?.accepted);
}

/**
 * Stores what a colleague wrote from the phone app, and silences the bot in that conversation until
 * `pausedUntil`.
 */
export async function acceptEcho(
  tenant: TenantDatabase,
  route: Route,
  input: { readonly echo: HumanEcho; readonly pausedUntil: Date },
): Promise<void> {
  const { echo } = input;
  const row = {
    author: "human",
    type: echo.content.type,
    text: echo.content.text,
    data: echo.content.data,
    whatsappMessageId: echo.whatsappMessageId,
    sentAt: echo.sentAt.toISOString(),
  };
  const { rows } = await sql<{ accepted: unknown }>`
    select accept_message(${route.organizationId}, ${route.chatbotId}, ${JSON.stringify(echo.recipient)}::jsonb,
      ${JSON.stringify(row)}::jsonb, 0) as accepted`.execute(tenant);
  const accepted = Accepted.parse(rows[0]?.accepted);
  if (accepted.conversationId === undefined) return; // a redelivery must not lengthen the pause
  await tenant
    .updateTable("conversations")
    .set({ status: "human", paused_until: input.pausedUntil, paused_reason: "phone app" })
    .where("id", "=", accepted.conversationId)
    .execute();
}

/** Notes a delivery status; never backwards, and whether or not the send has returned. */
export async function acceptStatus(
  tenant: TenantDatabase,
  route: Route,
  status: DeliveryStatus,
): Promise<void> {
  const row = { ...status, occurredAt: status.occurredAt.toISOString() };
  await sql`select accept_status(${route.organizationId}, ${route.chatbotId}, ${JSON.stringify(row)}::jsonb)`.execute(
    tenant,
  );
}

/** Two names of one person: what was known under the previous one belongs to the current one. */
export async function acceptIdentityChange(
  tenant: TenantDatabase,
  route: Route,
  change: { readonly previous: Person; readonly current: Person },
): Promise<void> {
  await sql`select change_identity(${route.organizationId}, ${route.chatbotId},
    ${JSON.stringify(change.previous)}::jsonb, ${JSON.stringify(change.current)}::jsonb)`.execute(
    tenant,
  );
}

/** A person rewrote an earlier message; the history shows the new text from now on. */
export async function editMessage(
  tenant: TenantDatabase,
  route: Route,
  edit: { readonly whatsappMessageId: string; readonly text: string; readonly occurredAt: Date },
): Promise<void> {
  await tenant
    .updateTable("messages")
    .set({ content: edit.text, edited_at: edit.occurredAt })
    .where("chatbot_id", "=", route.chatbotId)
    .where("whatsapp_message_id", "=", edit.whatsappMessageId)
    .execute();
}

/** A person deleted an earlier message: its content goes, the fact stays. */
export async function revokeMessage(
  tenant: TenantDatabase,
  route: Route,
  revoke: { readonly whatsappMessageId: string; readonly occurredAt: Date },
): Promise<void> {
  await tenant
    .updateTable("messages")
    .set({ content: "", data: "{}", revoked_at: revoke.occurredAt })
    .where("chatbot_id", "=", route.chatbotId)
    .where("whatsapp_message_id", "=", revoke.whatsappMessageId)
    .execute();
}
