import { sql } from "kysely";
import type { TestWorld } from "./start-world.ts";

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Rows of a table, of all tenants, oldest first. */
export async function rowsOf(
  world: Pick<TestWorld, "database">,
  table: "message_media" | "messages" | "usage_logs" | "obsolete_media" | "system_alerts",
): Promise<Rows> {
  const { rows } = await world.database.asOwner((db) =>
    sql<Record<string, unknown>>`select * from ${sql.table(table)} order by created_at`.execute(db),
  );
  return rows;
}

/** A picture of one pixel, with bytes of its own where a test needs several. */
export function picture(mark = ""): Buffer {
  const pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  return Buffer.concat([Buffer.from(pixel, "base64"), Buffer.from(mark)]);
}
