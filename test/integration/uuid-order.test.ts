import { sql } from "kysely";
import { expect, test } from "vitest";
import { emptyDatabase } from "../support/test-database.ts";

test("ids made one after the other are in order, also within a millisecond", async () => {
  const database = await emptyDatabase();
  const { rows } = await sql<{ id: string }>`
    select uuid_v7()::text as id from generate_series(1, 6000)`.execute(database.db);
  const ids = rows.map(({ id }) => id);
  expect(new Set(ids).size).toBe(6000);
  // The last digits are random, so at most where a microsecond held two may they be exchanged.
  const moments = ids.map((id) => id.slice(0, 18));
  expect(moments).toEqual(moments.toSorted());
});
