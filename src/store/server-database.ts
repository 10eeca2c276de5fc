import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { AppError } from "#domain/errors.ts";
import { APP_ROLE, type Database, type DatabaseSession, PLANNER_SETTINGS } from "./database.ts";
import type { DB } from "./generated/database.ts";

/** A query that runs longer than this is a fault: everything here is short by design. */
const STATEMENT_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** Opens a pool to a PostgreSQL server. */
export async function openServerDatabase(location: {
  readonly url: string;
  readonly poolSize: number;
}): Promise<Database> {
  const pool = new pg.Pool({
    ...connectionOptions(location.url),
    max: location.poolSize,
    idleTimeoutMillis: 30_000,
    // Set at connection time, so that RESET ROLE leads back to it.
    options: `-c role=${APP_ROLE} -c statement_timeout=${STATEMENT_TIMEOUT_MS} -c idle_in_transaction_session_timeout=${STATEMENT_TIMEOUT_MS} ${toOptions(PLANNER_SETTINGS)}`,
  });
  // A restart of the server breaks idle connections, and those in use between two queries; without a
  // listener either ends the process. Whoever uses one learns of it from the next query.
  pool.on("error", () => {});
  pool.on("connect", (client) => {
    client.on("error", () => {});
    keepStatements(client);
  });
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
  return {
    kind: "server",
    db,
    asOwner: (work) => withOwner(location.url, work),
    openSession: () => openSession(location.url),
    close: () => pool.end(),
  };
}

/** How a statement begins that a connection keeps: `/* its name *\/`. */
const STATEMENT_NAME = /^\/\* (\w+) \*\//;

/**
 * Lets a connection parse and plan each statement that has a name once, and keep it: for the short ones
 * of the hot path this is a good part of what they cost.
 */
function keepStatements(client: pg.PoolClient): void {
  const query: (...parameters: unknown[]) => unknown = client.query.bind(client);
  const withName = (text: unknown) => {
    const name = typeof text === "string" ? STATEMENT_NAME.exec(text)?.[1] : undefined;
    return name === undefined ? text : { name, text };
  };
  Object.assign(client, {
    query: (text: unknown, ...rest: unknown[]) => query(withName(text), ...rest),
  });
}

function toOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");
}

function connectionOptions(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "parley",
    keepAlive: true,
  };
}

async function withOwner<Result>(
  url: string,
  work: (db: Kysely<DB>) => Promise<Result>,
): Promise<Result> {
  const pool = new pg.Pool({ ...connectionOptions(url), max: 1 });
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
  try {
    return await work(db);
  } finally {
    await pool.end();
  }
}

async function openSession(url: string): Promise<DatabaseSession> {
  const client = new pg.Client({ ...connectionOptions(url), options: `-c role=${APP_ROLE}` });
  const lost = Promise.withResolvers<void>();
  client.on("error", () => lost.resolve());
  client.on("end", () => lost.resolve());
  try {
    await client.connect();
  } catch (cause) {
    throw new AppError("DATABASE_UNAVAILABLE", "PostgreSQL refuses the connection", { cause });
  }
  return {
    query: async (text, values = []) => {
      const { rows } = await client.query<Readonly<Record<string, unknown>>>(text, [...values]);
      return rows;
    },
    onNotification: (listener) => client.on("notification", listener),
    onLost: (listener) => void lost.promise.then(listener),
    close: () => client.end(),
  };
}
