import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { createKeyRing, generateKey } from "#platform/key-ring.ts";
import { asTenant } from "#store/as-tenant.ts";
import { createTestChatbot } from "../support/create-test-chatbot.ts";
import { emptyDatabase } from "../support/test-database.ts";
import { until } from "../support/until.ts";

test("a message that comes while its contact is merged is kept in the conversation that goes on", async ({
  skip,
}) => {
  const database = await emptyDatabase();
  if (database.kind === "embedded") skip("one connection: nobody else can hold a lock");
  const keyRing = createKeyRing([generateKey()]);
  const simulator = { addPhoneNumber: () => {} };
  const { organizationId, chatbotId } = await createTestChatbot(
    { database, keyRing, simulator },
    {},
  );
  const accept = (person: object, text: string) =>
    asTenant(database.db, organizationId, (tenant) => {
      const message = {
        author: "customer",
        type: "text",
        text,
        data: {},
        whatsappMessageId: randomUUID(),
        wantsAnswer: true,
        sentAt: new Date().toISOString(),
      };
      return sql`select accept_message(${organizationId}, ${chatbotId}, ${JSON.stringify(person)}::jsonb,
        ${JSON.stringify(message)}::jsonb, 0)`.execute(tenant);
    });
  await accept({ userId: "user.1" }, "by user id");
  await accept({ phone: "1" }, "by phone");

  const merged = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const merging = asTenant(database.db, organizationId, async (tenant) => {
    await sql`select change_identity(${organizationId}, ${chatbotId}, '{"userId": "user.1"}',
      '{"userId": "user.1", "phone": "1"}')`.execute(tenant);
    merged.resolve();
    await released.promise;
  });
  await merged.promise;
  const accepting = accept({ phone: "1", profileName: "Ana" }, "meanwhile");
  await until(async () => {
    const { rows } = await database.asOwner((db) =>
      sql`select 1 from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(db),
    );
    return rows.length > 0;
  }, 10_000);
  released.resolve();
  await Promise.all([merging, accepting]);

  const { rows } = await database.asOwner((db) =>
    sql`select m.content from messages m
      join conversations c on c.id = m.conversation_id
      join contacts k on k.id = c.contact_id
      where k.merged_into is null and c.status = 'bot' order by m.id`.execute(db),
  );
  expect(rows).toEqual([
    { content: "by user id" },
    { content: "by phone" },
    { content: "meanwhile" },
  ]);
});
