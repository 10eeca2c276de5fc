import { type RawBuilder, sql } from "kysely";
import { z } from "zod";
import { OrganizationId } from "#domain/ids.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { SystemDatabase, TenantDatabase } from "./as-tenant.ts";

/** Where sealed secrets lie; whoever begins to seal something else adds it here. */
export const SECRET_KINDS = ["chatbots", "tools", "confirmations", "turns", "tool calls"] as const;
/** See the list of this name. */
export type SecretKind = (typeof SECRET_KINDS)[number];

/** A table that holds secrets. In the fragments `p` is a row of it that is read, `t` one that is changed. */
type Shelf = {
  readonly table: RawBuilder<unknown>;
  readonly key: RawBuilder<unknown>;
  readonly keyType: RawBuilder<unknown>;
  /** What people call the row. */
  readonly name: RawBuilder<unknown>;
  /** The secrets of a row: (place, value). */
  readonly secrets: RawBuilder<unknown>;
  /** The secret at the place of the change `c`. */
  readonly current: (place: string) => RawBuilder<unknown>;
  /** Puts `c.sealed` there. */
  readonly set: (place: string) => RawBuilder<unknown>;
};

/** The checkpoint of a customer's answer (src/flow/confirmation) keeps the call's sealed arguments. */
const STEP = sql`'$[*] ? (@.name == "confirmation").output.confirmation.sealedArguments'`;

const byId = { key: sql`id`, keyType: sql`uuid` };

const SHELVES: Readonly<Record<SecretKind, Shelf>> = {
  chatbots: {
    ...byId,
    table: sql`chatbots`,
    name: sql`p.name`,
    secrets: sql`(values ('whatsapp_access_token', to_jsonb(p.whatsapp_access_token)),
      ('whatsapp_app_secret', to_jsonb(p.whatsapp_app_secret)))`,
    current: (place) => sql`to_jsonb(t.${sql.ref(place)})`,
    set: (place) => sql`${sql.ref(place)} = c.sealed`,
  },
  tools: {
    ...byId,
    table: sql`org_integrations`,
    name: sql`p.name`,
    secrets: sql`(select * from jsonb_each(p.credentials))`,
    current: (place) => sql`t.credentials -> ${place}::text`,
    set: (place) =>
      sql`credentials = jsonb_set(t.credentials, array[${place}::text], to_jsonb(c.sealed))`,
  },
  confirmations: {
    ...byId,
    table: sql`tool_confirmations`,
    name: sql`p.tool_name`,
    secrets: sql`(values ('arguments', to_jsonb(p.arguments)))`,
    current: () => sql`to_jsonb(t.arguments)`,
    set: () => sql`arguments = c.sealed`,
  },
  turns: {
    table: sql`mailboxes`,
    key: sql`key`,
    keyType: sql`text`,
    name: sql`p.key`,
    secrets: sql`(select 'steps', jsonb_path_query(p.steps, ${STEP}))`,
    current: () => sql`jsonb_path_query_first(t.steps, ${STEP})`,
    set: () => sql`steps = (
      select jsonb_agg(case when step ->> 'name' = 'confirmation'
        then jsonb_set(step, '{output,confirmation,sealedArguments}', to_jsonb(c.sealed)) else step end order by n)
      from jsonb_array_elements(t.steps) with ordinality as s(step, n))`,
  },
  "tool calls": {
    ...byId,
    table: sql`tool_executions`,
    name: sql`p.tool_name`,
    secrets: sql`(values ('arguments', p.arguments -> 'sealed'), ('result', p.result -> 'sealed'))`,
    current: (place) => sql`t.${sql.ref(place)} -> 'sealed'`,
    set: (place) =>
      sql`${sql.ref(place)} = jsonb_set(t.${sql.ref(place)}, '{sealed}', to_jsonb(c.sealed))`,
  },
};

/** A part of a table in the order of its key, from its end, where what is newest stands. */
export type SecretPage = {
  /** What begins with it is sealed under the first key. */
  readonly prefix: string;
  /** Rows before this key; null: from the end. */
  readonly before: string | null;
  readonly rows: number;
};

const Stale = z.object({
  id: z.string(),
  organizationId: OrganizationId,
  organization: z.string(),
  name: z.string(),
  place: z.string(),
  value: z.json(),
});
/** A secret that is not sealed under the first key, as it is stored. */
export type StaleSecret = z.infer<typeof Stale>;

const Read = z.object({
  next: z.string().nullable(),
  checked: z.number(),
  stale: z.array(Stale),
});

/** The secrets of a page. `next` leads to the page after it; null: there is none. */
export async function readSecrets(
  system: SystemDatabase,
  kind: SecretKind,
  page: SecretPage,
): Promise<z.infer<typeof Read>> {
  const { key, name } = SHELVES[kind];
  const { rows } = await sql<{ found: unknown }>`
    with page as (${rowsOf(kind, page)}), secrets as (${secretsOf(kind, page.prefix)})
    select jsonb_build_object('next', (select p.${key} from page p order by p.${key} limit 1),
      'checked', (select count(*) from secrets),
      'stale', (select coalesce(jsonb_agg(jsonb_build_object('id', p.${key}, 'name', ${name},
          'organizationId', p.organization_id, 'organization', o.name, 'place', s.place, 'value', s.value)), '[]')
        from secrets s join page p on p.${key} = s.key join organizations o on o.id = p.organization_id
        where s.is_stale)) as found`.execute(system);
  return Read.parse(rows[0]?.found);
}

const Counted = z.object({
  next: z.string().nullable(),
  checked: z.number(),
  stale: z.number(),
});
/** How many secrets there are, and how many of them not under the first key. */
export type SecretCount = Omit<z.infer<typeof Counted>, "next">;

/** Counts the secrets of a page. */
export function countSecrets(
  system: SystemDatabase,
  kind: SecretKind,
  page: SecretPage,
): Promise<z.infer<typeof Counted>> {
  return count(system, kind, { prefix: page.prefix, rows: rowsOf(kind, page) });
}

/**
 * Counts the secrets of the oldest and of the newest rows, however large the table is. `secrets rotate`
 * goes from the newest to the oldest, and whoever has an older ring adds to the newest: so a rotation that
 * is due, or was left, shows here. A single secret in the middle of a large table does not.
 */
export function countSecretsAtEnds(
  system: SystemDatabase,
  kind: SecretKind,
  { prefix, rows }: Omit<SecretPage, "before">,
): Promise<SecretCount> {
  const { table, key } = SHELVES[kind];
  const ends = sql`select * from ${table} where ${key} in (
    (select ${key} from ${table} order by ${key} limit ${rows})
    union (select ${key} from ${table} order by ${key} desc limit ${rows}))`;
  return count(system, kind, { prefix, rows: ends });
}

async function count(
  system: SystemDatabase,
  kind: SecretKind,
  { prefix, rows: page }: { readonly prefix: string; readonly rows: RawBuilder<unknown> },
): Promise<z.infer<typeof Counted>> {
  const { key } = SHELVES[kind];
  const { rows } = await sql<{ counted: unknown }>`
    with page as (${page}), secrets as (${secretsOf(kind, prefix)})
    select jsonb_build_object('next', (select p.${key} from page p order by p.${key} limit 1),
      'checked', count(*), 'stale', count(*) filter (where is_stale)) as counted from secrets`.execute(
    system,
  );
  return Counted.parse(rows[0]?.counted);
}

function rowsOf(kind: SecretKind, { before, rows }: SecretPage): RawBuilder<unknown> {
  const { table, key, keyType } = SHELVES[kind];
  const condition = before === null ? sql`` : sql`where ${key} < ${before}::${keyType}`;
  return sql`select * from ${table} ${condition} order by ${key} desc limit ${rows}`;
}

const secretsOf = (kind: SecretKind, prefix: string): RawBuilder<unknown> =>
  sql`select p.${SHELVES[kind].key} as key, s.place, s.value,
      not coalesce(starts_with(s.value #>> '{}', ${prefix}), false) as is_stale
    from page p cross join lateral ${SHELVES[kind].secrets} as s (place, value) where s.value is not null`;

/** A secret that is sealed anew. */
export type SecretChange = {
  readonly id: string;
  readonly place: string;
  /** As it was read. */
  readonly value: JsonValue;
  readonly sealed: string;
};

/**
 * Puts secrets of one place in the rows of a tenant in the place of what was read. Leaves alone what somebody
 * has changed since, and does not wait for a row that somebody is about to change: so it never takes part in
 * a deadlock. Returns the ids of those that it has replaced.
 */
export async function replaceSecrets(
  tenant: TenantDatabase,
  { kind, place }: { readonly kind: SecretKind; readonly place: string },
  changes: readonly SecretChange[],
): Promise<readonly string[]> {
  const { table, key, keyType, current, set } = SHELVES[kind];
  const { rows } = await sql<{ id: string }>`
    with c as (
      select * from jsonb_to_recordset(${JSON.stringify(changes)}::text::jsonb)
        as c (id ${keyType}, value jsonb, sealed text)
    ), free as (
      select ${key} as id from ${table} where ${key} in (select id from c) for no key update skip locked
    )
    update ${table} t set ${set(place)} from c join free using (id)
    where t.${key} = c.id and ${current(place)} = c.value
    returning t.${key}::text as id`.execute(tenant);
  return rows.map(({ id }) => id);
}
