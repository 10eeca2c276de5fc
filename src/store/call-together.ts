import { type Kysely, type RawBuilder, sql } from "kysely";
import { isDatabaseAway } from "./database.ts";
import type { DB } from "./generated/database.ts";

/** A database function that many callers need at the same time. Made once: its calls travel together. */
export type SharedCall<Input extends object> = {
  /** Under this name each connection keeps the statement and its plan (src/store/server-database.ts). */
  readonly name: string;
  /** The call, with its arguments out of `input`, one caller's JSON object. */
  readonly call: RawBuilder<unknown>;
  /** The calls of a statement lock rows in this order, as those of every other statement must. */
  readonly orderOf: (input: Input) => string;
};

/** Calls of one statement at most: it holds the locks of all until it commits. */
const CALLS_MAX = 32;
/** Statements of one kind under way at once. */
const STATEMENTS_MAX = 4;
/** A statement that takes longer waits for something, so the next one does not wait for it. */
const PATIENCE_MS = 50;
/** So long a statement of several waits for a lock; after that each waits alone, holding nothing else. */
const LOCK_TIMEOUT_MS = 200;

type Caller = {
  readonly input: object;
  readonly order: string;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
};

/** The callers of one function. */
type Line = {
  readonly waiting: Caller[];
  underWay: number;
  lastBeganMs: number;
  timer: NodeJS.Timeout | undefined;
};

/** What of a shared call does not depend on its callers. */
type Statement = Omit<SharedCall<never>, "orderOf">;

const lines = new WeakMap<Kysely<DB>, Map<string, Line>>();

/**
 * Calls a function of the database, in a transaction of its own. Calls that come while one is under way
 * wait for it and then travel together, in one statement and one commit: under load this saves most of
 * what a call costs, and a call that comes alone waits for nothing. Each stands for itself all the same:
 * when a statement of several fails, nothing of it is stored and each call is made again alone.
 * Throws what the database throws.
 */
export function callTogether<Input extends object>(
  db: Kysely<DB>,
  shared: SharedCall<Input>,
  input: Input,
): Promise<unknown> {
  const line = lineOf(db, shared);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  line.waiting.push({ input, order: shared.orderOf(input), resolve, reject });
  serve(db, shared, line);
  return promise;
}

function lineOf(db: Kysely<DB>, { name }: Statement): Line {
  const ofDatabase = lines.get(db) ?? new Map<string, Line>();
  lines.set(db, ofDatabase);
  const line = ofDatabase.get(name) ?? {
    waiting: [],
    underWay: 0,
    lastBeganMs: 0,
    timer: undefined,
  };
  ofDatabase.set(name, line);
  return line;
}

function serve(db: Kysely<DB>, statement: Statement, line: Line): void {
  if (line.waiting.length === 0 || line.underWay >= STATEMENTS_MAX) return;
  const patienceMs = line.lastBeganMs + PATIENCE_MS - performance.now();
  if (line.underWay > 0 && patienceMs > 0) {
    line.timer ??= setTimeout(() => {
      line.timer = undefined;
      serve(db, statement, line);
    }, patienceMs);
    return;
  }
  const callers = line.waiting.splice(0, CALLS_MAX);
  line.underWay += 1;
  line.lastBeganMs = performance.now();
  void run(db, statement, callers).then(() => {
    line.underWay -= 1;
    serve(db, statement, line);
  });
}

/** Never rejects: whatever happens is told to the callers. */
async function run(
  db: Kysely<DB>,
  statement: Statement,
  callers: readonly Caller[],
): Promise<void> {
  const inOrder = callers.toSorted(byOrder);
  const inputs = JSON.stringify(inOrder.map(({ input }) => input));
  const lockTimeoutMs = callers.length === 1 ? 0 : LOCK_TIMEOUT_MS;
  try {
    const { rows } = await sql<{ output: unknown }>`/* ${sql.raw(statement.name)} */
      with patience as materialized (select set_config('lock_timeout', ${String(lockTimeoutMs)}, true))
      select ${statement.call} as output from patience, jsonb_array_elements(${inputs}::jsonb) input`.execute(
      db,
    );
    inOrder.forEach(({ resolve }, index) => resolve(rows[index]?.output));
  } catch (error) {
    if (callers.length === 1 || isDatabaseAway(error))
      for (const { reject } of callers) reject(error);
    else await Promise.all(callers.map((caller) => run(db, statement, [caller])));
  }
}

function byOrder(a: Caller, b: Caller): number {
  if (a.order === b.order) return 0;
  return a.order < b.order ? -1 : 1;
}
