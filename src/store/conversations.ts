import { sql } from "kysely";
import { z } from "zod";
import { ConversationId, OrganizationId } from "#domain/ids.ts";
import type { SystemDatabase, TenantDatabase } from "./as-tenant.ts";
import type { AppDatabase } from "./database.ts";

/** A conversation as operators see it: counts and times, never what was written. */
const ConversationRow = z.object({
  id: ConversationId,
  organizationId: OrganizationId,
  chatbotId: z.string(),
  chatbot: z.string(),
  contact: z.string().nullable(),
  /** The last four digits. */
  phone: z.string().nullable(),
  /** What the person writes in, a BCP 47 tag; null: not known yet. */
  language: z.string().nullable(),
  status: z.enum(["bot", "human", "merged"]),
  isPaused: z.boolean(),
  pausedUntil: z.string().nullable(),
  pausedReason: z.string().nullable(),
  inbound: z.number(),
  outbound: z.number(),
  lastInboundAt: z.string().nullable(),
  /** Since when the person wants to be written to only in answer to what they write. */
  optedOutAt: z.string().nullable(),
});
/** One conversation. */
export type ConversationRow = z.infer<typeof ConversationRow>;

/** Conversations, the one that was written to last first. */
export async function listConversations(
  system: SystemDatabase,
  filter: {
    readonly id?: string | undefined;
    readonly chatbotId?: string | undefined;
    /** Digits of a phone number. */
    readonly phone?: string | undefined;
    readonly isPaused?: boolean | undefined;
    readonly limit: number;
  },
): Promise<readonly ConversationRow[]> {
  const { id = null, chatbotId = null, phone = null, isPaused = null, limit } = filter;
  const { rows } = await sql<{ conversation: unknown }>`
    select jsonb_build_object('id', c.id, 'organizationId', c.organization_id, 'chatbotId', b.id,
      'chatbot', b.name, 'contact', k.profile_name, 'phone', '…' || right(k.phone, 4),
      'language', k.language,
      'status', c.status, 'isPaused', is_paused(c), 'pausedUntil', c.paused_until,
      'pausedReason', c.paused_reason, 'lastInboundAt', c.last_inbound_at,
      'optedOutAt', k.opted_out_at,
      'inbound', (select count(*) from messages m where m.conversation_id = c.id and m.direction = 'inbound'),
      'outbound', (select count(*) from messages m where m.conversation_id = c.id and m.direction = 'outbound')
    ) as conversation
    from conversations c join chatbots b on b.id = c.chatbot_id join contacts k on k.id = c.contact_id
    where (${id}::uuid is null or c.id = ${id}::uuid)
      and (${chatbotId}::uuid is null or b.id = ${chatbotId}::uuid)
      and (${phone}::text is null or k.phone = ${phone})
      and (${isPaused}::boolean is null or is_paused(c) = ${isPaused})
    order by c.last_inbound_at desc nulls last
    limit ${limit}`.execute(system);
  return rows.map((row) => ConversationRow.parse(row.conversation));
}

/** A colleague takes a conversation over, and the person is told or not. */
export async function pauseConversation(
  tenant: TenantDatabase,
  id: ConversationId,
  pause: {
    /** 0: until it is resumed; null: as long as a handoff lasts that nobody comes to. */
    readonly minutes: number | null;
    readonly person: "is told" | "is not told";
  },
): Promise<void> {
  const isTold = pause.person === "is told";
  await sql`select pause_conversation(${id}, ${pause.minutes}::integer, ${isTold})`.execute(tenant);
}

/**
 * The bot gets a conversation back. What the person is told of it, and what nobody has answered them
 * meanwhile, is posted to the conversation's mailbox. Does nothing when nobody had paused it.
 */
export async function endPause(
  tenant: TenantDatabase,
  id: ConversationId,
  pause: {
    /** `closed`: everything is settled, so nothing is left to answer. */
    readonly way: "resumed" | "closed";
    readonly person: "is told" | "is not told";
  },
): Promise<void> {
  await sql`select end_pause(${id}, ${pause.way}, ${pause.person === "is told"})`.execute(tenant);
}

/** Ends the pauses whose time is over, of all organizations. Returns how many, at most `max`. */
export async function endDuePauses(db: AppDatabase, max: number): Promise<number> {
  const { rows } = await sql<{ ended: number }>`select end_due_pauses(${max}) as ended`.execute(db);
  return rows[0]?.ended ?? 0;
}

const Note = z.object({
  at: z.string(),
  kind: z.string(),
  reason: z.string().nullable(),
  text: z.string(),
});
/** Something that colleagues must know of a conversation. The text may quote the person. */
export type ConversationNote = z.infer<typeof Note>;

/** What was noted of a conversation last, the newest first. */
export async function listNotes(
  system: SystemDatabase,
  id: ConversationId,
  limit: number,
): Promise<readonly ConversationNote[]> {
  const { rows } = await sql<{ note: unknown }>`
    select jsonb_build_object('at', created_at, 'kind', kind, 'reason', reason, 'text', content) as note
    from conversation_notes where conversation_id = ${id} order by id desc limit ${limit}`.execute(
    system,
  );
  return rows.map((row) => Note.parse(row.note));
}
