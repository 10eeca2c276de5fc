import { sql } from "kysely";
import type { TestChatbot } from "./create-test-chatbot.ts";
import type { TestWorld } from "./start-world.ts";

/** Lets http tools reach servers of the tests. */
export const TOOL_SETTINGS = { FETCH_ALLOW_PRIVATE_ADDRESSES: "true" };

/** Parameters of a tool that books a table. */
export const BOOKING = {
  type: "object",
  properties: { day: { type: "string" }, table: { type: "integer" } },
  required: ["day"],
};

/** An http tool that books one, but for its settings. */
export const BOOK_TABLE = {
  provider: "http",
  name: "book_table",
  toolConfig: { parameters: BOOKING },
} as const;

/** An answer of a fake model that calls one tool. */
export const callOf = (name: string, input: Record<string, unknown>) => ({
  toolCalls: [{ name, input }],
});

/** A customer writes, and gets a reply. */
export async function ask(world: TestWorld, { phoneNumberId }: TestChatbot, body = "Please") {
  world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "text", text: body },
  });
  return world.simulator.nextReply("ana");
}

/** All rows of a table. */
export async function rowsOf(world: TestWorld, table: string) {
  const { rows } = await world.database.asOwner((db) =>
    sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(db),
  );
  return rows;
}
