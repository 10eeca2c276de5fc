import { sql } from "kysely";
import { z } from "zod";
import type { SystemDatabase } from "./as-tenant.ts";
import { isLiving, type LivingWorkers } from "./living-workers.ts";

const State = z.object({
  conversationId: z.string(),
  organizationId: z.string(),
  chatbot: z.object({ isActive: z.boolean(), disabledReason: z.string().nullable() }),
  status: z.enum(["bot", "human", "merged"]),
  pausedMs: z.number().nullable(),
  pausedUntil: z.string().nullable(),
  pausedReason: z.string().nullable(),
  /** Whether a colleague has it now. */
  isPaused: z.boolean(),
  mailbox: z
    .object({
      turnId: z.string().nullable(),
      owner: z.string().nullable(),
      attempt: z.number(),
      errorCode: z.string().nullable(),
      /** Messages that no ended turn covers. */
      waiting: z.number(),
      /** Negative: due for so long. */
      dueInMs: z.number(),
      oldestMessageMs: z.number(),
      lastStep: z.object({ name: z.string(), ageMs: z.number() }).nullable(),
    })
    .nullable(),
  /** A message whose outcome is not known; it is sent again after `waitMs`. */
  unknownSend: z.object({ ageMs: z.number() }).nullable(),
  /** Silence of the worker that has it, in milliseconds; null when it is not registered. */
  ownerSilentMs: z.number().nullable(),
  workers: z.number(),
  lastTurn: z
    .object({ id: z.string(), status: z.string(), errorCode: z.string().nullable() })
    .nullable(),
});
/** All that explains why a conversation is answered, or not yet, or not. */
export type ConversationState = z.infer<typeof State>;

/**
 * Reads the state of a conversation's mailbox and what it waits for; null when there is no such
 * conversation.
 */
export async function loadConversationState(
  system: SystemDatabase,
  conversationId: string,
  living: LivingWorkers,
): Promise<ConversationState | null> {
  const { rows } = await sql<{ state: unknown }>`
    select jsonb_build_object('conversationId', c.id, 'organizationId', c.organization_id,
      'chatbot', jsonb_build_object('isActive', b.is_active, 'disabledReason', b.disabled_reason),
      'status', c.status, 'isPaused', is_paused(c), 'pausedUntil', c.paused_until,
      'pausedReason', c.paused_reason,
      'pausedMs', ${msUntil(sql`c.paused_until`)},
      'mailbox', case when m.key is not null then jsonb_build_object('turnId', m.turn_id, 'owner', m.owner,
        'attempt', m.attempt, 'errorCode', m.error_code, 'waiting', m.last_seq - m.done_seq,
        'dueInMs', ${msUntil(sql`m.run_at`)},
        'oldestMessageMs', coalesce((select -${msUntil(sql`min(k.created_at)`)}
          from jsonb_array_elements(m.messages) p join messages k on k.id = (p ->> 'messageId')::uuid), 0),
        'lastStep', case when m.steps <> '[]' then jsonb_build_object('name', m.steps -> -1 ->> 'name',
          'ageMs', -${msUntil(sql`m.stepped_at`)}) end) end,
      'unknownSend', (select jsonb_build_object('ageMs', -${msUntil(sql`min(o.handed_over_at)`)})
        from outbound_messages o where o.turn_id = m.turn_id and o.state = 'sending'
        having count(*) > 0),
      'ownerSilentMs', (select ${silence(living)} from workers w where w.id = m.owner),
      'workers', (select count(*) from workers w where ${isLiving(living)}),
      'lastTurn', (select jsonb_build_object('id', t.id, 'status', t.status, 'errorCode', t.error_code)
        from turns t where t.key = 'conversation:' || c.id and t.status <> 'superseded'
        order by t.finished_at desc limit 1)) as state
    from conversations c
    join chatbots b on b.id = c.chatbot_id
    left join mailboxes m on m.key = 'conversation:' || c.id
    where c.id = ${conversationId}::uuid`.execute(system);
  return rows[0] === undefined ? null : State.parse(rows[0].state);
}

const silence = (living: LivingWorkers) =>
  "deadAfterMs" in living
    ? sql`-${msUntil(sql`w.seen_at`)}`
    : sql`case when ${isLiving(living)} then 0 end`;

const msUntil = (time: ReturnType<typeof sql>) =>
  sql`round(extract(epoch from ${time} - clock_timestamp()) * 1000)`;
