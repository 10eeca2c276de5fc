import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callTogether, type SharedCall } from "#store/call-together.ts";
import type { Database } from "#store/database.ts";
import { emptyDatabase } from "../support/test-database.ts";

type Numbered = { readonly number: number };

const orderOf = ({ number }: Numbered) => String(number);
const TELL_TRANSACTION: SharedCall<Numbered> = {
  name: "tell_transaction",
  call: sql`jsonb_build_object('number', input -> 'number', 'transaction', pg_current_xact_id()::text)`,
  orderOf,
};
/** Fails for the number zero. */
const DIVIDE: SharedCall<Numbered> = {
  name: "divide",
  call: sql`to_jsonb(12 / (input ->> 'number')::integer)`,
  orderOf,
};
const COUNT_UP: SharedCall<Numbered> = {
  name: "count_up",
  call: sql`to_jsonb(count_up((input ->> 'number')::integer))`,
  orderOf,
};

let database: Database;
beforeAll(async () => {
  database = await emptyDatabase();
  await database.asOwner(async (owner) => {
    await sql`create table counters (number integer primary key, count integer not null)`.execute(
      owner,
    );
    await sql`insert into counters select number, 0 from generate_series(1, 9) number`.execute(
      owner,
    );
    await sql`create function count_up(p_number integer) returns integer language sql volatile security definer as
      'update counters set count = count + 1 where number = p_number returning count'`.execute(
      owner,
    );
  });
});
afterAll(() =>
  database.asOwner(async (owner) => {
    await sql`drop function count_up`.execute(owner);
    await sql`drop table counters`.execute(owner);
  }),
);

test("a call that comes alone is made at once, and those that come meanwhile share a transaction", async () => {
  const numbers = [5, 3, 4, 1, 2];
  const told = await Promise.all(
    numbers.map((number) => callTogether(database.db, TELL_TRANSACTION, { number })),
  );
  expect(told).toMatchObject(numbers.map((number) => ({ number })));
  const [first, ...others] = told.map((answer) => JSON.stringify(Object(answer).transaction));
  expect(new Set(others).size).toBe(1);
  expect(others).not.toContain(first);
});

test("a call that fails takes none of those that travel with it along", async () => {
  const settled = await Promise.allSettled(
    [1, 2, 0, 3, 4].map((number) => callTogether(database.db, DIVIDE, { number })),
  );
  expect(
    settled.map((answer) => (answer.status === "fulfilled" ? answer.value : "failed")),
  ).toEqual([12, 6, "failed", 4, 3]);
});

test("each of many calls is made once", async () => {
  const counts = await Promise.all(
    Array.from({ length: 200 }, () => callTogether(database.db, COUNT_UP, { number: 9 })),
  );
  expect(counts.toSorted((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: 200 }, (_, index) => index + 1),
  );
});

test("a call that waits for a locked row holds up no other", async ({ skip }) => {
  if (database.kind === "embedded") skip("one connection: nobody else can hold a lock");
  const release = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holder = database.asOwner(async (owner) => {
    await sql`begin`.execute(owner);
    await sql`update counters set count = count + 100 where number = 1`.execute(owner);
    locked.resolve();
    await release.promise;
    await sql`commit`.execute(owner);
  });
  await locked.promise;
  const calls = [2, 1, 3].map((number) => callTogether(database.db, COUNT_UP, { number }));
  expect(await Promise.all([calls[0], calls[2]])).toEqual([1, 1]);
  release.resolve();
  await holder;
  expect(await calls[1]).toBe(101);
});
