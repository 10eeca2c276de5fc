import type pg from "pg";
import type { ModelRequest, SentMessage } from "./simulator-client.ts";
import type { Arena } from "./start-arena.ts";
import type { Effect } from "./start-orders.ts";

/** A turn that ended, with the messages it answered, in order. */
export type TurnRow = {
  readonly id: string;
  readonly key: string;
  readonly upto: number;
  readonly status: string;
  readonly attempt: number;
  readonly error_code: string | null;
  readonly message_ids: readonly string[];
};

/** All that is left after a run, in the database and outside. */
export type Outcome = {
  readonly turns: readonly TurnRow[];
  readonly inbound: readonly {
    readonly id: string;
    readonly whatsapp_message_id: string;
    readonly label: string;
    readonly key: string;
  }[];
  readonly history: readonly { readonly whatsapp_message_id: string; readonly turn_id: string }[];
  readonly outbound: readonly {
    readonly id: string;
    readonly turn_id: string;
    readonly state: string;
    readonly whatsapp_message_id: string | null;
    readonly attempts: number;
  }[];
  readonly usage: readonly { readonly turn_id: string; readonly kind: string }[];
  /** By organization: messages counted for billing, and rows of the log that say so. */
  readonly billing: readonly { readonly counted: number; readonly logged: number }[];
  readonly mailboxes: readonly {
    readonly key: string;
    readonly last_seq: number;
    readonly done_seq: number;
    readonly turn_id: string | null;
    readonly owner: string | null;
    readonly attempt: number;
    readonly error_code: string | null;
  }[];
  readonly leftOvers: { readonly messages: number; readonly steps: number };
  readonly alerts: readonly { readonly alert_type: string; readonly error_code: string | null }[];
  readonly sent: readonly SentMessage[];
  readonly toolExecutions: readonly {
    readonly turn_id: string;
    readonly step_id: string;
    readonly tool_name: string;
    readonly status: string;
    readonly error_code: string | null;
  }[];
  /** What was done outside. */
  readonly effects: readonly Effect[];
  readonly modelRequests: readonly ModelRequest[];
};

/** Reads everything that the invariants look at. */
export async function readOutcome(arena: Arena): Promise<Outcome> {
  const rows = async <Row extends pg.QueryResultRow>(text: string): Promise<readonly Row[]> =>
    (await arena.observer.query<Row>(text)).rows;
  const [leftOvers] = await rows<Outcome["leftOvers"]>(
    `select coalesce(sum(jsonb_array_length(messages)), 0)::int as messages,
       coalesce(sum(jsonb_array_length(steps)), 0)::int as steps from mailboxes`,
  );
  return {
    turns: await rows(`select id, key, upto::int, status, attempt, error_code,
        array(select m ->> 'messageId' from jsonb_array_elements(messages) m) as message_ids
      from turns where handler = 'conversation' order by key, upto, finished_at`),
    inbound: await rows(`select id, whatsapp_message_id, split_part(content, ' ', 1) as label,
        'conversation:' || conversation_id as key
      from messages where direction = 'inbound' order by id`),
    history: await rows(`select whatsapp_message_id, turn_id from messages
      where direction = 'outbound' order by id`),
    outbound: await rows(`select id, turn_id, state, whatsapp_message_id, attempts
      from outbound_messages order by id`),
    usage: await rows("select turn_id, kind from usage_logs"),
    billing: await rows(`select current_period_messages as counted,
        (select count(*)::int from usage_logs u
         where u.organization_id = s.organization_id and u.chatbot_id is not null) as logged
      from usage_summary s`),
    mailboxes:
      await rows(`select key, last_seq::int, done_seq::int, turn_id, owner, attempt, error_code
      from mailboxes where handler = 'conversation' order by key`),
    leftOvers: leftOvers ?? { messages: 0, steps: 0 },
    alerts: await rows("select alert_type, error_code from system_alerts"),
    sent: await arena.simulator.sent(),
    toolExecutions: await rows(`select turn_id, step_id, tool_name, status, error_code
      from tool_executions order by id`),
    effects: arena.orders.effects(),
    modelRequests: await arena.simulator.modelRequests(),
  };
}
