import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, test } from "vitest";
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

    await database.asOwner((own) =>
      sql`insert into knowledge_gaps (organization_id, chatbot_id, question, reason)
        select organization_id, id, 'When does the bakery open on day ' || n || '?', 'not-answered'
        from chatbots, generate_series(1, 20) n`.execute(own),
    );
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
