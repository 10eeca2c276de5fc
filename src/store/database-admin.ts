import { type Kysely, sql } from "kysely";
import pg from "pg";
import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { SystemDatabase } from "./as-tenant.ts";
import type { DB } from "./generated/database.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const UNKNOWN_DATABASE = "3D000";
const ALREADY_THERE = "42P04";
/** Every server has this database, for the sake of those who make others. */
const MAINTENANCE_DATABASE = "postgres";

/**
 * Makes sure that the database of this address exists on its server; true when it was made now.
 * @throws AppError DATABASE_UNAVAILABLE with what to do.
 */
export async function ensureServerDatabase(url: string): Promise<boolean> {
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  try {
    await withClient(url, async () => {});
    return false;
  } catch (error) {
    if (codeOf(error) !== UNKNOWN_DATABASE) throw error;
  }
  const maintenance = new URL(url);
  maintenance.pathname = `/${MAINTENANCE_DATABASE}`;
  try {
    await withClient(maintenance.href, (client) =>
      client.query(`create database ${client.escapeIdentifier(name)}`),
    );
    return true;
  } catch (cause) {
    if (codeOf(cause) === ALREADY_THERE) return false;
    throw new AppError(
      "DATABASE_UNAVAILABLE",
      `The database ${name} does not exist, and the login of DATABASE_URL cannot make it. Make it as an administrator: create database ${name}.`,
      { cause },
    );
  }
}

async function withClient(
  url: string,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "parley",
  });
  client.on("error", () => {}); // the query in work tells
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end();
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

/** What a database holds, for whoever is about to empty it. */
export async function countTables(
  owner: Kysely<DB>,
): Promise<{ readonly tables: number; readonly isOurs: boolean }> {
  const { rows } = await sql<{ tables: string; is_ours: boolean }>`
    select count(*) as tables, coalesce(bool_or(relname = 'kysely_migration'), false) as is_ours
    from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`.execute(
    owner,
  );
  return { tables: Number(rows[0]?.tables ?? 0), isOurs: rows[0]?.is_ours === true };
}

/** Drops all views, tables, functions and types of ours. Extensions stay: only few logins may make them. */
export async function dropSchema(owner: Kysely<DB>): Promise<void> {
  await sql`
    do $$
    declare
      command text;
    begin
      -- all commands first: what one of them drops along has no name any more
      foreach command in array coalesce((
        select array_agg(format('drop %s if exists public.%I cascade',
          case relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end, relname))
        from pg_class c
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
          and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e')), '{}')
      loop
        execute command;
      end loop;
      foreach command in array coalesce((
        select array_agg(format('drop routine if exists %s cascade', oid::regprocedure)) from pg_proc p
        where pronamespace = 'public'::regnamespace
          and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')), '{}')
      loop
        execute command;
      end loop;
    end $$`.execute(owner);
}

/** How many workers gave a sign of life within the last seconds; 0 without a schema. */
export async function countBusyWorkers(owner: Kysely<DB>): Promise<number> {
  const { rows: known } = await sql<{ exists: boolean }>`
    select to_regclass('public.workers') is not null as exists`.execute(owner);
  if (known[0]?.exists !== true) return 0;
  const { rows } = await sql<{ workers: string }>`
    select count(*) as workers from workers where lock_key <> 0 and seen_at > now() - interval '10 seconds'`.execute(
    owner,
  );
  return Number(rows[0]?.workers ?? 0);
}

const Table = z.object({
  table: z.string(),
  isReadable: z.boolean(),
  columns: z.array(z.object({ name: z.string(), type: z.string(), isNullable: z.boolean() })),
});
/** A table and its columns. */
export type TableDescription = z.infer<typeof Table>;

/** All tables of the schema by name. */
export async function describeTables(system: SystemDatabase): Promise<readonly TableDescription[]> {
  const { rows } = await sql<{ described: unknown }>`
    select jsonb_build_object('table', c.relname, 'isReadable', has_table_privilege(c.oid, 'select'),
      'columns', (select jsonb_agg(jsonb_build_object('name', a.attname,
          'type', format_type(a.atttypid, a.atttypmod), 'isNullable', not a.attnotnull) order by a.attnum)
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)) as described
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    order by c.relname`.execute(system);
  return rows.map((row) => Table.parse(row.described));
}

/** Number of rows of a table, and the first few as they are; mask them before showing them. */
export async function sampleTable(
  system: SystemDatabase,
  table: string,
  limit: number,
): Promise<{ readonly rows: number; readonly sample: readonly Record<string, unknown>[] }> {
  const { rows } = await sql<{ rows: string; sample: Record<string, unknown>[] }>`
    select (select count(*) from ${sql.table(table)}) as rows,
      coalesce((select jsonb_agg(to_jsonb(t)) from (select * from ${sql.table(table)} limit ${limit}) t), '[]') as sample`.execute(
    system,
  );
  return { rows: Number(rows[0]?.rows ?? 0), sample: rows[0]?.sample ?? [] };
}
