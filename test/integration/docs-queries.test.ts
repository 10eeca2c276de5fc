import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { asSystem } from "#store/as-tenant.ts";
import type { Database } from "#store/database.ts";
import { PROJECT_FOLDER } from "../../src/config.ts";
import { emptyDatabase } from "../support/test-database.ts";

/** The pages whose queries an operator copies. */
const PAGES = [
  "docs/INSTRUCTIONS.md",
  "docs/QUICK_REFERENCE.md",
  "docs/RAG_IMPLEMENTATION_GUIDE.md",
  "docs/operate/languages.md",
  "docs/operate/monitoring.md",
  "docs/operate/security.md",
];

/** Titles of those that find something in the sample below. */
const FINDS_SOMETHING = [
  "Today's failures",
  "Top chatbots by usage",
  "Tool failure rate",
  "Usage of one organization",
  "The same, with tokens",
  "Open alerts",
];

const queries = PAGES.flatMap((page) => readQueries(page));
const organizationId = randomUUID();
let database: Database;

beforeAll(async () => {
  database = await emptyDatabase();
  await insertSample(database);
});

test("the pages hold queries", () => {
  expect(queries.length).toBeGreaterThan(12);
});

test.each(queries)("$page: “$title” runs as parley_system", async ({ text, title }) => {
  const found = await countRows(text.replaceAll("your-org-id", organizationId));
  expect(found).toBeGreaterThanOrEqual(FINDS_SOMETHING.includes(title) ? 1 : 0);
});

/** Rolls back what the query did, so that the next one finds the sample as it was. */
function countRows(query: string): Promise<number> {
  return asSystem(database.db, async (system) => {
    await sql`savepoint before`.execute(system);
    const { rows } = await sql.raw(query).execute(system);
    await sql`rollback to before`.execute(system);
    return rows.length;
  });
}

function readQueries(page: string) {
  const text = readFileSync(join(PROJECT_FOLDER, page), "utf8");
  return [...text.matchAll(/^```sql\n([\s\S]*?)^```/gm)].map(([, query = ""]) => ({
    page,
    title: /^-- (?:… )?([^;:]+?)(?:[;:].*)?$/m.exec(query)?.[1] ?? query.trim(),
    text: query.trim().replace(/;$/, ""),
  }));
}

async function insertSample({ asOwner }: Database): Promise<void> {
  const chatbotId = randomUUID();
  await asOwner(async (db) => {
    await sql`insert into organizations (id, name, slug) values (${organizationId}, 'Docs', 'docs')`.execute(
      db,
    );
    await sql`insert into chatbots (id, organization_id, name, whatsapp_phone_number_id,
        whatsapp_access_token, model, failure_message)
      values (${chatbotId}, ${organizationId}, 'Docs', 'docs', 'sealed', 'demo:extractive', 'Sorry')`.execute(
      db,
    );
    await sql`insert into system_alerts (organization_id, severity, alert_type, message)
      values (${organizationId}, 'error', 'turn_failed', 'A sample')`.execute(db);
    await sql`insert into usage_logs (organization_id, chatbot_id, model, tokens_total)
      values (${organizationId}, ${chatbotId}, 'demo:extractive', 12)`.execute(db);
    await sql`insert into tool_executions (organization_id, chatbot_id, tool_name, tool_type, status)
      values (${organizationId}, ${chatbotId}, 'sample', 'builtin', 'failed')`.execute(db);
  });
}
