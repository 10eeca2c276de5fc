import { sql } from "kysely";
import { z } from "zod";
import { OrganizationId } from "#domain/ids.ts";
import type { SystemDatabase, TenantDatabase } from "./as-tenant.ts";

/** Where a turn stands: the first two are under way, the others are the ends of a turn. */
export const TURN_STATES = [
  "waiting",
  "running",
  "done",
  "failed",
  "superseded",
  "skipped",
] as const;
export type TurnState = (typeof TURN_STATES)[number];

/** A turn as operators see it. */
const TurnRow = z.object({
  /** Null while messages wait for their turn to begin. */
  id: z.string().nullable(),
  state: z.enum(TURN_STATES),
  handler: z.string(),
  key: z.string(),
  organizationId: z.string().nullable(),
  chatbotId: z.string().nullable(),
  chatbot: z.string().nullable(),
  conversationId: z.string().nullable(),
  messages: z.number(),
  attempt: z.number(),
  errorCode: z.string().nullable(),
  /** When its first message came, and when it ended or will be tried; ISO 8601. */
  queuedAt: z.string().nullable(),
  at: z.string().nullable(),
});
/** One turn. */
export type TurnRow = z.infer<typeof TurnRow>;

/** Turns under way; `place` puts them first. */
const UNDER_WAY = sql`
  select m.turn_id as id, case when m.owner is null then 'waiting' else 'running' end as state, m.handler, m.key,
    m.organization_id, jsonb_array_length(m.messages) as messages, m.attempt,
    m.error_code, m.first_at as queued_at, m.run_at as at, 0 as place
  from mailboxes m where (m.owner is not null or m.last_seq > m.done_seq)`;

const ENDED = sql`
  select t.id, t.status, t.handler, t.key, t.organization_id, jsonb_array_length(t.messages), t.attempt,
    t.error_code, t.queued_at, t.finished_at, 1
  from turns t`;

const ROW = sql`
  jsonb_build_object('id', t.id, 'state', t.state, 'handler', t.handler, 'key', t.key,
    'organizationId', t.organization_id, 'chatbotId', b.id, 'chatbot', b.name, 'conversationId', c.id,
    'messages', t.messages, 'attempt', t.attempt, 'errorCode', t.error_code,
    'queuedAt', t.queued_at, 'at', t.at)`;

/** Cut out of the key only where it is one, since PostgreSQL may cast before it filters. */
const CONVERSATION = sql`
  left join conversations c on c.id = case when t.key like 'conversation:%'
    then substring(t.key from 14)::uuid end
  left join chatbots b on b.id = c.chatbot_id`;

/** Turns under way (the most urgent first), then those that ended (the newest first). */
export async function listTurns(
  system: SystemDatabase,
  filter: {
    readonly state?: TurnState | undefined;
    readonly chatbotId?: string | undefined;
    readonly conversationId?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly TurnRow[]> {
  const { state = null, chatbotId = null, conversationId = null, limit } = filter;
  const { rows } = await sql<{ turn: unknown }>`
    select ${ROW} as turn from (${UNDER_WAY} union all (${ENDED}
      where (${state}::text is null or t.status = ${state})
        and (${conversationId}::uuid is null or t.key = 'conversation:' || ${conversationId})
        and (${chatbotId}::uuid is null or t.key in (
          select 'conversation:' || id from conversations where chatbot_id = ${chatbotId}::uuid))
      order by t.finished_at desc limit ${limit})) t ${CONVERSATION}
    where (${state}::text is null or t.state = ${state})
      and (${chatbotId}::uuid is null or b.id = ${chatbotId}::uuid)
      and (${conversationId}::uuid is null or c.id = ${conversationId}::uuid)
    order by t.place, case when t.place = 0 then t.at end, t.at desc
    limit ${limit}`.execute(system);
  return rows.map((row) => TurnRow.parse(row.turn));
}

/** The turn of this id, under way or ended; null when it is unknown (or removed by age). */
export async function findTurn(system: SystemDatabase, id: string): Promise<TurnRow | null> {
  const { rows } = await sql<{ turn: unknown }>`
    select ${ROW} as turn from (${UNDER_WAY} union all ${ENDED}) t ${CONVERSATION} where t.id = ${id}::uuid limit 1`.execute(
    system,
  );
  return rows[0] === undefined ? null : TurnRow.parse(rows[0].turn);
}

const Payloads = z.array(z.json());

const EndedTurn = z.object({
  key: z.string(),
  handler: z.string(),
  status: z.enum(["done", "failed", "superseded", "skipped"]),
  coalesces: z.boolean(),
  payloads: Payloads,
  /** The newest later turn of the same mailbox that took one of the same messages. */
  takenBy: z.object({ id: z.string(), status: z.string() }).nullable(),
  isPosted: z.boolean(),
  answeredBy: z.string().nullable(),
  sent: z.number(),
  /** A tool that it has called and that may have changed something outside. */
  changedOutside: z.string().nullable(),
  uncertain: z.number(),
  windowClosed: z.boolean(),
});
/** An ended turn, with all that decides whether it may be tried again. */
export type EndedTurn = z.infer<typeof EndedTurn>;

/**
 * Reads an ended turn and locks its mailbox until the transaction ends, so that two retries at once
 * cannot both post. Null when there is no such turn.
 */
export async function lockEndedTurn(tenant: TenantDatabase, id: string): Promise<EndedTurn | null> {
  await sql`select 1 from mailboxes where key = (select key from turns where id = ${id}::uuid)
    for no key update`.execute(tenant);
  const { rows } = await sql<{ turn: unknown }>`
    select jsonb_build_object('key', t.key, 'handler', t.handler, 'status', t.status,
      'coalesces', m.coalesces, 'payloads', t.messages,
      'takenBy', (select jsonb_build_object('id', l.id, 'status', l.status) from turns l
        where l.key = t.key and l.upto > t.upto and l.messages @> any (
          select jsonb_build_array(e.value) from jsonb_array_elements(t.messages) e)
        order by l.upto desc limit 1),
      'isPosted', exists (select 1 from jsonb_array_elements(m.messages) p
        join jsonb_array_elements(t.messages) e on e.value = p.value),
      'answeredBy', (select l.id from turns l
        where l.key = t.key and l.upto > t.upto and l.status = 'done' order by l.upto limit 1),
      'changedOutside', (select e.tool_name from tool_executions e
        where e.turn_id = t.id and e.effects = 'outside'
          and (e.status <> 'failed' or e.error_code = 'TOOL_REQUEST_REJECTED') order by e.id limit 1),
      'sent', (select count(*) from outbound_messages o where o.turn_id = t.id and o.state = 'sent'),
      'uncertain', (select count(*) from outbound_messages o where o.turn_id = t.id and o.state = 'sending'),
      'windowClosed', coalesce((select c.last_inbound_at < now() - interval '24 hours' from conversations c
        where t.key = 'conversation:' || c.id), false)) as turn
    from turns t join mailboxes m on m.key = t.key
    where t.id = ${id}::uuid`.execute(tenant);
  return rows[0] === undefined ? null : EndedTurn.parse(rows[0].turn);
}

/** The organization of a turn that ended; null for schedules and unknown turns. */
export async function findTurnOrganization(
  system: SystemDatabase,
  id: string,
): Promise<OrganizationId | null> {
  const row = await system
    .selectFrom("turns")
    .select("organization_id")
    .where("id", "=", id)
    .executeTakeFirst();
  return row?.organization_id == null ? null : OrganizationId.parse(row.organization_id);
}

/** How many of the last turns of a mailbox failed, up to the first one that did not; at most `max`. */
export async function countFailuresInARow(
  tenant: TenantDatabase,
  wanted: { readonly key: string; readonly max: number },
): Promise<number> {
  const rows = await tenant
    .selectFrom("turns")
    .select("status")
    .where("key", "=", wanted.key)
    .where("status", "in", ["done", "failed"])
    .orderBy("finished_at", "desc")
    .limit(wanted.max)
    .execute();
  const answered = rows.findIndex(({ status }) => status !== "failed");
  return answered === -1 ? rows.length : answered;
}

const UntoldCall = z.object({
  name: z.string(),
  status: z.enum(["success", "failed", "timeout", "unknown"]),
  errorCode: z.string().nullable(),
});
/** A call of a tool in a turn that failed before the customer could be told. */
export type UntoldCall = z.infer<typeof UntoldCall>;

/** Such calls are few, as a turn makes few and the third failure in a row hands over. */
const UNTOLD_MAX = 20;

/**
 * What turns of a mailbox that failed since its last answer have called, of what may change something
 * outside; the oldest call first.
 */
export async function listUntoldCalls(
  tenant: TenantDatabase,
  key: string,
): Promise<readonly UntoldCall[]> {
  const { rows } = await sql<{ call: unknown }>`
    select jsonb_build_object('name', e.tool_name, 'status', e.status, 'errorCode', e.error_code) as call
    from turns t join tool_executions e on e.turn_id = t.id
    where t.key = ${key} and t.status = 'failed' and e.effects = 'outside'
      and t.finished_at > coalesce((
        select max(d.finished_at) from turns d where d.key = ${key} and d.status = 'done'), '-infinity')
    order by e.id limit ${UNTOLD_MAX}`.execute(tenant);
  return rows.map(({ call }) => UntoldCall.parse(call));
}
