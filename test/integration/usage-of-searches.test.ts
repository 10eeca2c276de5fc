import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { createTestPlatform, runParley, shellWords } from "../support/run-parley.ts";
import { startEmbeddingServer } from "../support/start-embedding-server.ts";
import { emptyDatabase } from "../support/test-database.ts";

test.each([
  ["openai:text-embedding-3-small", 1],
  ["openai-compatible:test", null],
])(
  "what documents, searches and calibrations with %s cost is logged, and counts for the organization",
  async (model, cost) => {
    const folder = await mkdtemp(join(tmpdir(), "parley-usage-"));
    await using embeddings = await startEmbeddingServer(); // counts a token for each text
    const database = await emptyDatabase();
    const platform = createTestPlatform(database, {
      DATA_DIR: join(folder, "data"),
      DEFAULT_EMBEDDING_MODEL: model,
      OPENAI_API_KEY: "test",
      OPENAI_BASE_URL: embeddings.url,
      OPENAI_COMPATIBLE_BASE_URL: embeddings.url,
    });
    const parley = (line: string) => runParley(platform, shellWords(line));
    const usage = () =>
      database.asOwner(async (own) => {
        const { rows } = await sql`
        select kind, model, tokens_prompt, tokens_total, cost_micros::integer, conversation_id, chatbot_id
        from usage_logs order by created_at, id`.execute(own);
        return rows;
      });
    try {
      await parley("chatbot create --name Support --phone-number-id 1 --access-token x");
      await writeFile(join(folder, "hours.md"), "The bakery opens at nine and closes at six.");
      await parley(`knowledge add --chatbot Support ${join(folder, "hours.md")}`);
      const learned = await usage();
      expect(learned).toEqual([expect.objectContaining({ kind: "embedding", cost_micros: cost })]);

      await parley('knowledge search --chatbot Support "When does the bakery open?"');
      await database.asOwner((own) =>
        sql`insert into knowledge_gaps (organization_id, chatbot_id, question, reason)
        select organization_id, id, 'When does the bakery open on day ' || n || '?', 'not-answered'
        from chatbots, generate_series(1, 20) n`.execute(own),
      );
      const calibrated = await parley("knowledge calibrate --chatbot Support --json");

      const of = (tokens: number) => ({
        kind: "embedding",
        model,
        tokens_prompt: tokens,
        tokens_total: tokens,
        // rounded up to a millionth of a dollar
        cost_micros: cost,
        conversation_id: null,
        chatbot_id: null,
      });
      expect(calibrated).toMatchObject({ code: 0 });
      const added = (await usage()).slice(learned.length);
      expect(added).toEqual([of(1), of(20), expect.objectContaining({ kind: "embedding" })]);
      const { rows } = await database.asOwner((own) =>
        sql`select current_period_tokens = (select sum(tokens_total) from usage_logs) as is_counted
        from usage_summary`.execute(own),
      );
      expect(rows).toEqual([{ is_counted: true }]);
    } finally {
      await platform.knowledge.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
