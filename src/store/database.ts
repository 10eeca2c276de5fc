import { type Kysely, sql } from "kysely";
import { AppError } from "#domain/errors.ts";
import type { DB } from "./generated/database.ts";

/** The role that the program's queries run as: no table of a tenant shows it a row by itself. */
export const APP_ROLE = "parley_app";

/**
 * How the program's connections plan. A plan that was made while a table was small would read all of it
 * for ever, or until its first ANALYZE, and the functions of the hot path keep their plans: every
 * statement here has its index, so whole tables are read only where nothing else is possible. Such a
 * plan looks so dear that it would be compiled first, for nothing.
 */
export const PLANNER_SETTINGS = { enable_seqscan: "off", jit: "off" } as const;

/** The query builder over our tables, without a tenant: tenant tables are empty to it. */
export type AppDatabase = Kysely<DB>;

/** An open database: PostgreSQL on a server, or PGlite inside this process. */
export type Database = {
  readonly kind: "embedded" | "server";
  /** Queries as `parley_app`. Tenant tables are empty here: use `asTenant`. */
  readonly db: Kysely<DB>;
  /** Runs work as the login itself, which may own the tables: for migrations only. */
  readonly asOwner: <Result>(work: (db: Kysely<DB>) => Promise<Result>) => Promise<Result>;
  /**
   * A connection of its own that receives notifications, or null on the embedded database, where
   * all listeners are in this process.
   */
  readonly openSession: (() => Promise<DatabaseSession>) | null;
  readonly close: () => Promise<void>;
};

/** A dedicated connection: it can hold advisory locks and listen. Never used in a transaction. */
export type DatabaseSession = {
  readonly query: (text: string, values?: readonly unknown[]) => Promise<readonly unknown[]>;
  readonly onNotification: (listener: () => void) => void;
  /** Called once when the connection is gone, whoever closed it. */
  readonly onLost: (listener: () => void) => void;
  readonly close: () => Promise<void>;
};

/** Whether the database answers, within the time limit. */
export async function isDatabaseReachable(db: Kysely<DB>, timeoutMs: number): Promise<boolean> {
  const answer = sql`select 1`.execute(db).then(
    () => true,
    () => false,
  );
  const { promise: tooLate, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), timeoutMs);
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** SQLSTATE classes that mean "the server is not there right now", and Node's network errors. */
const UNAVAILABLE = /^(08|53|57P|58)|^(ECONN|ENOTFOUND|EPIPE|ETIMEDOUT|EAI_AGAIN|EHOST)/;

/** Whether a failed query says that the database is away, rather than that the query is wrong. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof AppError) return error.code === "DATABASE_UNAVAILABLE";
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return (
    UNAVAILABLE.test(code) ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      error.message,
    ) ||
    (error instanceof AggregateError && error.errors.some(isDatabaseAway))
  );
}

/** Deadlock, serialization failure, or a unique row that another transaction made first. */
const CONFLICTS = new Set(["40P01", "40001", "23505"]);

/** Whether a transaction lost against another one, so that the same again will do. */
export function isConflict(error: unknown): boolean {
  return error instanceof Error && "code" in error && CONFLICTS.has(String(error.code));
}
