import { sql } from "kysely";
import { z } from "zod";
import type { ConversationId, OrganizationId } from "#domain/ids.ts";
import { OutboundMessageId } from "#domain/ids.ts";
import { OutboundContent } from "#domain/outbound.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { TenantDatabase } from "./as-tenant.ts";
import { callTogether, type SharedCall } from "./call-together.ts";
import type { AppDatabase } from "./database.ts";
import { toStepRows, type TurnOwner } from "./mailboxes.ts";

const Outbound = z.object({
  id: OutboundMessageId,
  position: z.number(),
  content: OutboundContent,
  state: z.enum(["sending", "sent", "failed"]),
  /** Whether this attempt is to hand it over now. */
  isOurs: z.boolean(),
  whatsappMessageId: z.string().nullable(),
  /** Of a message whose outcome is unknown: milliseconds until it may be sent again. */
  waitMs: z.number(),
});
/** One message of a reply, and where its sending stands. */
export type OutboundRow = z.infer<typeof Outbound>;

const Begun = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("lost") }),
  z.object({ outcome: z.literal("superseded") }),
  z.object({ outcome: z.literal("silenced") }),
  z.object({
    outcome: z.literal("ready"),
    phoneNumberId: z.string(),
    sealedAccessToken: z.string(),
    outbound: z.array(Outbound),
  }),
]);
/** Whether a reply may go out. `lost`: another worker has the turn. */
export type BegunReply = z.infer<typeof Begun>;
/** A reply that may go out, with what sending it needs. */
export type ReadyReply = Extract<BegunReply, { outcome: "ready" }>;

/** The intent to reply. */
export type ReplyIntent = {
  readonly owner: TurnOwner;
  readonly conversationId: ConversationId;
  readonly contents: readonly OutboundContent[];
  /** Finished steps of the turn that are not stored yet: they go along. */
  readonly steps: Readonly<Record<string, JsonValue>>;
  /** How often a newer message may discard the draft; 0 sends regardless. */
  readonly supersedeMax: number;
  /** Whether it goes out while a colleague has the conversation. */
  readonly evenPaused: boolean;
  /** How long an unknown outcome waits for its status webhook. */
  readonly outcomeWaitMs: number;
};

/**
 * The last look before a reply leaves, and the record of the intent to send it: one transaction
 * under the mailbox's lock (migrations/0008_answering.sql).
 */
export async function beginReply(
  db: AppDatabase,
  organizationId: OrganizationId,
  intent: ReplyIntent,
): Promise<BegunReply> {
  const steps = toStepRows(intent.steps);
  return Begun.parse(await callTogether(db, BEGIN_REPLY, { organizationId, ...intent, steps }));
}

const BEGIN_REPLY: SharedCall<Pick<ReplyIntent, "owner">> = {
  name: "begin_reply",
  orderOf: ({ owner }) => owner.key,
  call: sql`begin_reply((input ->> 'organizationId')::uuid, input -> 'owner' ->> 'key',
  (input -> 'owner' ->> 'fence')::bigint, input -> 'owner' ->> 'worker', input -> 'steps',
  (input ->> 'conversationId')::uuid, input -> 'contents', (input ->> 'supersedeMax')::integer,
  (input ->> 'evenPaused')::boolean, (input ->> 'outcomeWaitMs')::integer)`,
};

/** What became of handing a message over. */
export type SendResult =
  | { readonly state: "sent"; readonly whatsappMessageId: string }
  /** Refused for now: the next attempt hands it over again. */
  | { readonly state: "pending"; readonly errorCode: string }
  | { readonly state: "failed"; readonly errorCode: string; readonly metaErrorCode: number | null };

/** Records what became of one message. A status webhook may have been faster: `sent` stays. */
export async function recordSendResult(
  tenant: TenantDatabase,
  id: OutboundMessageId,
  result: SendResult,
): Promise<void> {
  await tenant
    .updateTable("outbound_messages")
    .set({
      state: result.state,
      ...(result.state === "sent" ? { whatsapp_message_id: result.whatsappMessageId } : {}),
      ...(result.state === "sent" ? {} : { error_code: result.errorCode }),
      ...(result.state === "failed" ? { meta_error_code: result.metaErrorCode } : {}),
    })
    .where("id", "=", id)
    .where("state", "!=", "sent")
    .execute();
}

/** Puts another content in the place of one that was refused, about to be handed over. */
export async function replaceRefusedContent(
  tenant: TenantDatabase,
  id: OutboundMessageId,
  content: OutboundContent,
): Promise<void> {
  await tenant
    .updateTable("outbound_messages")
    .set({ content: JSON.stringify(content), state: "sending" })
    .where("id", "=", id)
    .where("state", "=", "failed")
    .execute();
}
