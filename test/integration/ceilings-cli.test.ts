import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Database } from "#store/database.ts";
import type { Platform } from "../../src/open-platform.ts";
import { createTestPlatform, runParley, shellWords } from "../support/run-parley.ts";
import { emptyDatabase } from "../support/test-database.ts";

let folder: string;
let database: Database;
let platform: Platform;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-ceilings-"));
  database = await emptyDatabase();
  platform = createTestPlatform(database, {
    DATA_DIR: join(folder, "data"),
    OPENAI_API_KEY: "test",
  });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const parley = (line: string) => runParley(platform, shellWords(line));
const create = (options = "") =>
  parley(`chatbot create --name Support --phone-number-id 1001 --access-token x ${options}`);

test("spending ceilings are set in dollars, shown with what was spent, and said to leak for an unknown price", async () => {
  await create("--model demo:extractive");
  const set = await parley(
    "chatbot update Support --json --turn-spend-ceiling 0.05 --monthly-spend-ceiling 25",
  );
  expect(set).toMatchObject({ code: 0, stderr: "" });
  expect(set.rows[0]).toMatchObject({
    turnSpendCeilingUsd: 0.05,
    monthlySpendCeilingUsd: 25,
    spentUsd: 0,
    unpricedRows: 0,
  });
  const sound = (await parley("doctor --json")).rows;
  expect(sound).toContainEqual(
    expect.objectContaining({ check: "spending ceilings", level: "ok" }),
  );

  const unpriced = await parley("chatbot update Support --fallback-model openai:gpt-99");
  expect(unpriced.stderr).toContain("The price of openai:gpt-99 is not known");
  expect((await parley("chatbot show Support")).stderr).toContain("cannot hold");
  expect((await parley("doctor --json")).rows).toContainEqual(
    expect.objectContaining({ check: "ceiling of Support", level: "warning" }),
  );

  const unheard = await parley("chatbot update Support --transcription-model openai:hearing-99");
  expect(unheard.stderr).toContain("The price of openai:hearing-99 is not known");
  await parley(
    "chatbot update Support --transcription-model none --fallback-model demo:extractive",
  );

  const free = await parley(
    "chatbot update Support --json --turn-spend-ceiling none --monthly-spend-ceiling none",
  );
  expect(free).toMatchObject({ code: 0, stderr: "" });
  expect(free.rows[0]).toMatchObject({ turnSpendCeilingUsd: null, monthlySpendCeilingUsd: null });
  for (const wrong of ["0", "-1", "much", "1.1234567", ""])
    expect(
      (await parley(`chatbot update Support --monthly-spend-ceiling "${wrong}"`)).code,
    ).not.toBe(0);
});

test("doctor names a chatbot that has spent its ceiling", async () => {
  await create();
  await parley("chatbot update Support --monthly-spend-ceiling 1");
  await database.asOwner((db) =>
    sql`select add_chatbot_spend(organization_id, id, 1500000, 0) from chatbots`.execute(db),
  );
  expect((await parley("chatbot show Support --json")).rows[0]).toMatchObject({ spentUsd: 1.5 });
  expect((await parley("doctor --json")).rows).toContainEqual(
    expect.objectContaining({ message: expect.stringContaining("fallback sentence") }),
  );
});
