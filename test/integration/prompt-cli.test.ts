import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { asSystem } from "#store/as-tenant.ts";
import type { Database } from "#store/database.ts";
import type { Platform } from "../../src/open-platform.ts";
import { createTestPlatform, runParley, shellWords } from "../support/run-parley.ts";
import { emptyDatabase } from "../support/test-database.ts";

let folder: string;
let database: Database;
let platform: Platform;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-prompt-"));
  database = await emptyDatabase();
  platform = createTestPlatform(database, { DATA_DIR: join(folder, "data") });
  await parley(
    'chatbot create --name Support --phone-number-id 1001 --access-token x --system-prompt "You sell pizza."',
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const parley = (line: string, stdin = "") => runParley(platform, shellWords(line), { stdin });
/** With `--chatbot Support` behind. */
const prompt = (line: string, stdin = "") => parley(`prompt ${line} --chatbot Support`, stdin);
const statuses = async () =>
  (await prompt("list --json")).rows.map(
    (row) => `${String(row["number"])} ${String(row["status"])}`,
  );

test("a draft is edited, compared, published and rolled back, each time with a line in the audit log", async () => {
  const file = join(folder, "prompt.txt");
  await writeFile(file, "You sell pizza.\nBe brief.\n");
  expect(await statuses()).toEqual(["1 published"]);

  const made = await prompt(`edit --json --tone warm --system-prompt-file ${file} --note first`);
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(made.rows).toEqual([
    { number: 2, status: "draft", from: 1, fields: ["systemPrompt", "tone"] },
  ]);
  expect((await prompt("edit --json --languages pt-BR,en")).rows).toMatchObject([{ number: 2 }]);
  expect((await prompt("diff")).stdout.split("\n")).toEqual([
    "+ systemPrompt: Be brief.",
    "+ tone: warm",
    "- languages: []",
    '+ languages: ["pt-BR","en"]',
    "",
  ]);

  expect((await prompt("publish --json")).rows).toEqual([
    { number: 2, status: "published", previous: 1 },
  ]);
  expect(await statuses()).toEqual(["2 published", "1 archived"]);
  expect((await parley("chatbot show Support --json")).rows[0]).toMatchObject({
    systemPrompt: "You sell pizza.\nBe brief.",
    promptVersion: 2,
  });

  expect((await prompt("rollback --json")).rows).toMatchObject([{ number: 1, previous: 2 }]);
  expect((await prompt("rollback --json --to 2")).rows).toMatchObject([{ number: 2 }]);
  expect(await statuses()).toEqual(["2 published", "1 archived"]);
  const audit = await asSystem(database.db, (system) =>
    system
      .selectFrom("audit_logs")
      .select("action")
      .where("action", "like", "prompt.%")
      .orderBy("id")
      .execute(),
  );
  expect(audit.map(({ action }) => action)).toEqual([
    "prompt.drafted",
    "prompt.drafted",
    "prompt.published",
    "prompt.rolled_back",
    "prompt.rolled_back",
  ]);
});

test("a system prompt by chatbot update is a published version of the operator", async () => {
  await parley('chatbot update Support --system-prompt "You sell shoes."');
  expect((await prompt("list --json")).rows).toMatchObject([
    { number: 2, status: "published", author: "operator" },
    { number: 1, status: "archived", author: "operator" },
  ]);
  expect((await prompt("show")).stdout).toContain("You sell shoes.");
});

test("an unknown variable is refused wherever it is typed, and the nearest one suggested", async () => {
  for (const line of [
    'prompt edit --chatbot Support --system-prompt "Hi {{contact.nmae}}"',
    'chatbot update Support --system-prompt "Hi {{contact.nmae}}"',
    'chatbot create --name B --phone-number-id 2 --access-token x --system-prompt "Hi {{contact.nmae}}"',
  ]) {
    const refused = await parley(line);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("Did you mean {{contact.name}}?");
  }
  expect(await statuses()).toEqual(["1 published"]);
});

test("what a version says goes out as JSON and comes back in", async () => {
  await prompt(
    'edit --publish --time-zone Europe/Rome --opening-hours "mon-fri 09:00-18:00; 2026-12-25 closed" --refusal-sentence "Only {{business.name}}."',
  );
  const [shown] = (await prompt("show --json")).rows;
  const content = JSON.stringify(shown?.["content"]);
  await parley("chatbot create --name Twin --phone-number-id 1002 --access-token x");
  const copied = await runParley(
    platform,
    [...shellWords("prompt edit --chatbot Twin --publish --content -")],
    { stdin: content },
  );
  expect(copied.code).toBe(0);
  const [twin] = (await parley("prompt show --chatbot Twin --json")).rows;
  expect(twin?.["content"]).toEqual(shown?.["content"]);
});

test("what makes no sense is refused in a sentence, and nothing is stored", async () => {
  for (const [line, sentence] of [
    ["edit", "nothing to change"],
    ["edit --opening-hours someday", "someday"],
    ['edit --opening-hours "mon 09:00-10:00"', "time zone"],
    ["edit --time-zone Rome", "Europe/Lisbon"],
    ["edit --languages english", "english"],
    ["edit --content nothing", "JSON object"],
    ["edit --number 2", "unknown option"],
    ["publish", "There is no draft"],
    ["rollback", "no earlier version"],
    ["rollback --to 1", "in effect already"],
    ["show --number 9", "no version 9"],
    ["show --number latest", "is the number of a version"],
  ] as const) {
    const run = await prompt(line);
    expect(run.code).not.toBe(0);
    expect(run.stderr).toContain(sentence);
  }
  const unknown = await prompt("edit --content -", '{"sytemPrompt": "x"}');
  expect(unknown.stderr).toContain("sytemPrompt");
  expect(await statuses()).toEqual(["1 published"]);
});

test("a general assistant is possible, with a word about Meta's terms", async () => {
  const made = await prompt("edit --topic-scope any");
  expect(made.code).toBe(0);
  expect(made.stderr).toContain("Meta's terms");
});

test("a draft made by SQL with an unknown variable cannot be published", async () => {
  await prompt("edit --tone warm");
  await database.asOwner((db) =>
    sql`update prompt_versions set content = '{"systemPrompt": "{{nobody}}"}' where status = 'draft'`.execute(
      db,
    ),
  );
  expect((await prompt("publish")).stderr).toContain("{{nobody}}");
  expect((await prompt("show --number draft")).stderr).toContain("{{nobody}}");
});

test("the preview is the prompt that the model would get, for a contact of the chatbot's own", async () => {
  await prompt('edit --system-prompt "Greet {{contact.name}}, plan {{contact.attributes.plan}}."');
  const { rows } = await prompt('preview --json --number draft --message "Are you open?"');
  expect(rows.map((row) => row["role"])).toEqual(["system", "user"]);
  expect(rows[1]).toEqual({ role: "user", content: "Are you open?" });
  expect(rows[0]?.["content"]).toContain("Greet [contact.name], plan [contact.attributes.plan].");

  const conversation = await insertConversation();
  const own = await prompt(`preview --json --number draft --conversation ${conversation}`);
  expect(own.rows[0]?.["content"]).toContain('{"name":"Bo","attributes":{"plan":"gold"}}');
  await parley("chatbot create --name Other --phone-number-id 1002 --access-token x");
  const foreign = await parley(`prompt preview --chatbot Other --conversation ${conversation}`);
  expect(foreign).toMatchObject({ code: 1, stdout: "" });
});

async function insertConversation(): Promise<string> {
  return database.asOwner(async (db) => {
    const { rows } = await sql<{ id: string }>`
      with contact as (
        insert into contacts (organization_id, chatbot_id, phone, profile_name, attributes)
        select organization_id, id, '15550001111', 'Bo', '{"plan": "gold", "other": "x"}' from chatbots
        returning id, organization_id, chatbot_id
      )
      insert into conversations (organization_id, chatbot_id, contact_id)
      select organization_id, chatbot_id, id from contact returning id`.execute(db);
    return rows[0]?.id ?? "";
  });
}
