import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { createKeyRing, generateKey } from "#platform/key-ring.ts";
import { removeOldRecords } from "#store/maintenance.ts";
import { createTestChatbot } from "../support/create-test-chatbot.ts";
import { giveTool } from "../support/give-tool.ts";
import { emptyDatabase } from "../support/test-database.ts";

test("calls of tools and questions about them go with the turns that made them, not before", async () => {
  const database = await emptyDatabase();
  const keyRing = createKeyRing([generateKey()]);
  const simulator = { addPhoneNumber: () => {} };
  const chatbot = await createTestChatbot({ database, keyRing, simulator }, {});
  const integrationId = await giveTool(database, chatbot, { provider: "builtin", name: "old" });
  const { chatbotId, organizationId } = chatbot;
  await database.asOwner(async (db) => {
    const contact = await sql<{
      id: string;
    }>`insert into contacts (organization_id, chatbot_id, phone)
      values (${organizationId}, ${chatbotId}, '1') returning id`.execute(db);
    const conversation = await sql<{ id: string }>`
      insert into conversations (organization_id, chatbot_id, contact_id)
      values (${organizationId}, ${chatbotId}, ${contact.rows[0]?.id}) returning id`.execute(db);
    for (const days of [29, 31]) {
      await sql`insert into tool_executions (chatbot_id, tool_name, tool_type, status, created_at)
        values (${chatbotId}, ${`${days} days`}, 'builtin', 'success', now() - ${days} * interval '1 day')`.execute(
        db,
      );
      await sql`insert into tool_confirmations (id, organization_id, chatbot_id, conversation_id, integration_id,
          tool_name, tool_call_id, arguments, created_at)
        values (${randomUUID()}, ${organizationId}, ${chatbotId}, ${conversation.rows[0]?.id}, ${integrationId},
          ${`${days} days`}, 'c', 'sealed', now() - ${days} * interval '1 day')`.execute(db);
    }
  });

  const done = await removeOldRecords(database.db, { webhookEventDays: 7, turnDays: 30 });

  expect(done).toEqual({ isComplete: true });
  const left = (table: string) =>
    database.asOwner((db) => sql`select tool_name from ${sql.table(table)}`.execute(db));
  expect((await left("tool_executions")).rows).toEqual([{ tool_name: "29 days" }]);
  expect((await left("tool_confirmations")).rows).toEqual([{ tool_name: "29 days" }]);
});

test("a pile of old questions about tools is removed in batches, until none is left", async () => {
  const database = await emptyDatabase();
  const keyRing = createKeyRing([generateKey()]);
  const simulator = { addPhoneNumber: () => {} };
  const chatbot = await createTestChatbot({ database, keyRing, simulator }, {});
  const integrationId = await giveTool(database, chatbot, { provider: "builtin", name: "old" });
  const { chatbotId, organizationId } = chatbot;
  await database.asOwner((db) =>
    sql`with contact as (
        insert into contacts (organization_id, chatbot_id, phone)
        values (${organizationId}, ${chatbotId}, '1') returning id
      ), conversation as (
        insert into conversations (organization_id, chatbot_id, contact_id)
        select ${organizationId}, ${chatbotId}, id from contact returning id
      )
      insert into tool_confirmations (id, organization_id, chatbot_id, conversation_id, integration_id,
        tool_name, tool_call_id, arguments, state, created_at)
      select gen_random_uuid(), ${organizationId}, ${chatbotId}, conversation.id, ${integrationId},
        'old', 'c', 'sealed', 'replaced', now() - interval '31 days'
      from conversation, generate_series(1, 5001)`.execute(db),
  );
  const remove = () => removeOldRecords(database.db, { webhookEventDays: 7, turnDays: 30 });

  expect(await remove()).toEqual({ isComplete: false });
  expect(await remove()).toEqual({ isComplete: true });
  const { rows } = await database.asOwner((db) =>
    sql`select 1 from tool_confirmations`.execute(db),
  );
  expect(rows).toEqual([]);
});
