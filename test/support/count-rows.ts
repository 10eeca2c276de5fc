import { sql } from "kysely";
import type { Database } from "#store/database.ts";

/** How many rows a table has, over all tenants. */
export async function countRows(database: Database, table: string): Promise<number> {
  const { rows } = await database.asOwner((db) =>
    sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(db),
  );
  return rows[0]?.n ?? 0;
}
