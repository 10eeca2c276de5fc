import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, test } from "vitest";
import type { Database } from "#store/database.ts";
import { createTestPlatform, runParley, shellWords } from "../support/run-parley.ts";
import { emptyDatabase } from "../support/test-database.ts";

test("a threshold is proposed from enough questions, stored when asked, and no question is shown", async () => {
  const folder = await mkdtemp(join(tmpdir(), "parley-calibrate-"));
  const database = await emptyDatabase();
  const platform = createTestPlatform(database, { DATA_DIR: join(folder, "data") });
  const parley = (line: string) => runParley(platform, shellWords(line));
  const threshold = async () =>
    (await parley("chatbot show Support --json")).rows[0]?.["similarityThreshold"];
  try {
    await parley("chatbot create --name Support --phone-number-id 1 --access-token x");
    const unlearned = await parley("knowledge calibrate --chatbot Support");
    expect(unlearned.stderr).toContain("no document yet");
    await writeFile(join(folder, "hours.md"), "The bakery opens at nine and closes at six.");
    await parley(`knowledge add --chatbot Support ${join(folder, "hours.md")}`);
    const few = await parley("knowledge calibrate --chatbot Support");
    expect(few.code).toBe(2);
    expect(few.stderr).toContain("asked 0 questions; 20 are needed");

    await database.asOwner((own) => insertQuestions(own));
    const proposed = await parley("knowledge calibrate --chatbot Support --json");
    expect(proposed.rows).toEqual([
      expect.objectContaining({ questions: 20, offTopicPassed: 0, isApplied: false }),
    ]);
    expect(Number(proposed.rows[0]?.["onTopicKept"])).toBeGreaterThanOrEqual(0.95);
    expect(proposed.stdout + proposed.stderr).not.toContain("bakery");
    expect(await threshold()).toBeNull();

    await parley("knowledge calibrate --chatbot Support --apply");
    expect(await threshold()).toBe(proposed.rows[0]?.["threshold"]);
  } finally {
    await platform.knowledge.close();
    await rm(folder, { recursive: true, force: true });
  }
});

/** Ten gaps; of customers' messages ten more questions, one of them twice, and what is no question. */
async function insertQuestions(own: Database["db"]): Promise<void> {
  await sql`insert into knowledge_gaps (organization_id, chatbot_id, question, reason)
    select organization_id, id, 'When does the bakery open on day ' || n || '?', 'not-answered'
    from chatbots, generate_series(1, 10) n`.execute(own);
  await sql`with contact as (
      insert into contacts (organization_id, chatbot_id) select organization_id, id from chatbots
      returning id, organization_id, chatbot_id
    ), conversation as (
      insert into conversations (organization_id, chatbot_id, contact_id)
      select organization_id, chatbot_id, id from contact returning id, organization_id, chatbot_id
    )
    insert into messages (organization_id, chatbot_id, conversation_id, direction, author, type, content, sent_at)
    select c.organization_id, c.chatbot_id, c.id, 'inbound', author, 'text', content, now()
    from conversation c, (
      select 'customer' as author, 'At what time does the bakery close on day ' || n || '?' as content
      from generate_series(1, 10) n
      union all values ('customer', 'At what time does the bakery close on day 1?'), ('customer', 'Why?'),
        ('customer', 'Thank you very much indeed.'), ('bot', 'Shall I tell you when the bakery opens?')
    ) said`.execute(own);
}
