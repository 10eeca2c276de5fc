import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ALL_COMMANDS } from "#cli/commands/all-commands.ts";
import { createControlServer } from "#cli/control-server.ts";
import { lockDataFolder } from "#platform/data-folder.ts";
import { silentLogger } from "#platform/logger.ts";
import { asSystem } from "#store/as-tenant.ts";
import type { Database } from "#store/database.ts";
import { listSealedChatbots } from "#store/health.ts";
import type { Platform } from "../../src/open-platform.ts";
import {
  createTestPlatform,
  type ParleyOptions,
  type ParleyRun,
  runParley,
  shellWords,
} from "../support/run-parley.ts";
import { emptyDatabase } from "../support/test-database.ts";

let folder: string;
let database: Database;
let platform: Platform;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-cli-"));
  database = await emptyDatabase();
  platform = createTestPlatform(database, {
    DATA_DIR: join(folder, "data"),
    RERANKING_BASE_URL: "http://127.0.0.1:9",
  });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const parley = (line: string, options: ParleyOptions = {}): Promise<ParleyRun> =>
  runParley(platform, shellWords(line), options);

const create = (options = ""): Promise<ParleyRun> =>
  parley(
    `chatbot create --json --name Support --phone-number-id 1001 --access-token top-secret ${options}`,
  );

test("a chatbot and its missing organization are made without a terminal, and the id is printed", async () => {
  const made = await create('--organization "Bäckerei Müller" --reply-delay-ms 0');
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(made.rows).toEqual([
    expect.objectContaining({
      id: expect.any(String),
      organization: "Bäckerei Müller",
      phoneNumberId: "1001",
      model: "demo:extractive",
      replyDelayMs: 0,
      isActive: true,
    }),
  ]);
  const { rows } = await parley("organization list --json");
  expect(rows).toEqual([expect.objectContaining({ slug: "backerei-muller", chatbots: 1 })]);
});

test("an organization is found by name, slug or id, and not made twice", async () => {
  const [organization] = (await parley('organization create --json --name "Bakery Ltd"')).rows;
  for (const [index, name] of [
    "Bakery Ltd",
    "bakery-ltd",
    String(organization?.["id"]),
  ].entries()) {
    const made = await parley(
      `chatbot create --json --name B${index} --phone-number-id 20${index} --access-token x --organization "${name}"`,
    );
    expect(made.rows[0]).toMatchObject({ organizationId: organization?.["id"] });
  }
  expect((await parley("organization list --json")).rows).toHaveLength(1);
});

test("two commands that need the same missing organization make it once", async () => {
  const made = await Promise.all(
    ["301", "302", "303"].map((id) =>
      parley(
        `chatbot create --json --name Bot --phone-number-id ${id} --access-token x --organization Twin`,
      ),
    ),
  );
  expect(made.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect((await parley("organization list --json")).rows).toHaveLength(1);
});

test("a phone number id that is in use is refused in a sentence, with nothing on standard output", async () => {
  await create();
  const again = await create("--organization Other");
  expect(again).toMatchObject({ code: 1, stdout: "" });
  expect(again.stderr).toContain("leads to a chatbot already");
});

test("a secret is sealed, comes from a file or standard input too, and is never shown", async () => {
  const file = join(folder, "token.txt");
  await writeFile(file, "from a file\n");
  const first = await parley(
    `chatbot create --json --name A --phone-number-id 1 --access-token-file ${file}`,
  );
  const second = await parley(
    "chatbot create --json --name B --phone-number-id 2 --access-token - --app-secret hush",
    { stdin: "from stdin\n" },
  );
  expect(await openTokens()).toEqual(["from a file", "from stdin"]);
  const shown = await Promise.all(
    ["chatbot list", "chatbot show B", "database verify"].map((line) => parley(line)),
  );
  for (const { stdout, stderr } of [first, second, ...shown])
    expect(stdout + stderr).not.toMatch(/from a file|from stdin|hush/);
});

async function openTokens(): Promise<readonly string[]> {
  const chatbots = await asSystem(database.db, listSealedChatbots);
  return chatbots.map((chatbot) =>
    platform.keyRing.open(chatbot.sealedAccessToken, {
      organizationId: chatbot.organizationId,
      column: "whatsapp_access_token",
    }),
  );
}

test("a model that does not exist is refused, one without a key is noticed", async () => {
  const unknown = await create("--model gpt-5");
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
  expect(unknown.stderr).toContain("openai:<model>");
  const keyless = await create("--model openai:gpt-5-mini");
  expect(keyless.code).toBe(0);
  expect(keyless.stderr).toContain("OPENAI_API_KEY");
});

test("what cannot be understood ends with 2, a suggestion, and nothing on standard output", async () => {
  const runs = await Promise.all(
    [
      "chatbto list",
      "chatbot lst",
      "chatbot list --jsn",
      "turns show",
      "turns list --limit many",
      "turns list --status odd",
      "chatbot create --json --name x",
      "database drop --dev --test --yes",
    ].map((line) => parley(line)),
  );
  for (const run of runs) expect(run).toMatchObject({ code: 2, stdout: "" });
  expect(runs[0]?.stderr).toContain("Did you mean chatbot?");
  expect(runs[6]?.stderr).toContain("--phone-number-id is missing");
});

test("every command explains itself with an example of its own", async () => {
  for (const command of ALL_COMMANDS.filter(({ isInternal }) => isInternal !== true)) {
    const help = await parley(`${command.name} --help`);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain(`./parley ${command.name}`);
    expect(help.stdout).toContain("--json");
  }
});

test("a chatbot can be changed, switched off and on, and deleted, each time with a line in the audit log", async () => {
  await create();
  await parley(
    "chatbot update Support --name Help --access-token new --fallback-model demo:extractive",
  );
  expect((await parley("chatbot show Help --json")).rows[0]).toMatchObject({
    name: "Help",
    fallbackModel: "demo:extractive",
  });
  await parley('chatbot update Help --fallback-model ""');
  expect((await parley("chatbot show Help --json")).rows[0]).toMatchObject({ fallbackModel: null });
  expect((await parley("chatbot disable Help --json")).rows[0]).toMatchObject({
    isActive: false,
    disabledReason: "operator",
  });
  expect((await parley("chatbot enable 1001 --json")).rows[0]).toMatchObject({ isActive: true });

  const unasked = await parley("chatbot delete Help");
  expect(unasked).toMatchObject({ code: 2, stdout: "" });
  expect(unasked.stderr).toContain("--yes");
  expect((await parley("chatbot delete Help --yes")).code).toBe(0);
  expect((await parley("chatbot show Help")).code).toBe(1);
  expect(await auditActions()).toEqual([
    "organization.created",
    "chatbot.created",
    "chatbot.updated",
    "chatbot.updated",
    "chatbot.disabled",
    "chatbot.enabled",
    "chatbot.deleted",
  ]);
});

test("how a chatbot searches its documents is set by command, and goes back to the default", async () => {
  await create();
  const before = (await parley("chatbot show Support --json")).rows[0];
  expect(before).toMatchObject({ retrieval: "tool", passagesMax: 5, similarityThreshold: null });
  expect(before).toMatchObject({ rerankingModel: null });

  await parley(
    "chatbot update Support --retrieval always --passages-max 8 --similarity-threshold 0.35",
  );
  await parley("chatbot update Support --reranking-model openai-compatible:bge-reranker");
  const changed = (await parley("chatbot show Support --json")).rows[0];
  expect(changed).toMatchObject({
    retrieval: "always",
    passagesMax: 8,
    similarityThreshold: 0.35,
  });

  expect(changed).toMatchObject({ rerankingModel: "openai-compatible:bge-reranker" });
  const unset = await parley("chatbot update Support --reranking-model cohere:rerank-v3.5");
  expect(unset).toMatchObject({ code: 1, stderr: expect.stringContaining("COHERE_API_KEY") });

  await parley("chatbot update Support --retrieval tool --similarity-threshold default");
  await parley("chatbot update Support --reranking-model none");
  const back = (await parley("chatbot show Support --json")).rows[0];
  expect(back).toMatchObject({ rerankingModel: null });
  expect(back).toMatchObject({ retrieval: "tool", passagesMax: 8, similarityThreshold: null });

  for (const wrong of ["2", "none", "1.5", ""])
    expect(
      (await parley(`chatbot update Support --similarity-threshold "${wrong}"`)).code,
    ).not.toBe(0);
  expect((await parley("chatbot update Support --passages-max 51")).code).not.toBe(0);
  expect((await parley("chatbot update Support --retrieval never")).code).not.toBe(0);
});

async function auditActions(): Promise<readonly string[]> {
  const rows = await asSystem(database.db, (system) =>
    system
      .selectFrom("audit_logs")
      .select(["action", "changes"])
      .where("actor_type", "=", "operator")
      .orderBy("id")
      .execute(),
  );
  expect(JSON.stringify(rows)).not.toContain("top-secret");
  return rows.map(({ action }) => action);
}

test("doctor finds secrets that the key ring does not open, and ends with 1", async () => {
  await create();
  const sound = await parley("doctor --json");
  expect(sound.code).toBe(0);
  expect(sound.rows.filter(({ level }) => level === "problem")).toEqual([]);

  platform = createTestPlatform(database, { DATA_DIR: join(folder, "data") }); // with a key of its own
  const broken = await parley("doctor --json");
  expect(broken.code).toBe(1);
  expect(broken.rows.filter(({ level }) => level === "problem")).toEqual([
    expect.objectContaining({ check: "key ring", message: expect.stringContaining("Support") }),
  ]);
});

test("doctor asks Meta and the models only when told to", async () => {
  platform = createTestPlatform(database, {
    DATA_DIR: join(folder, "data"),
    GRAPH_API_BASE_URL: "http://127.0.0.1:9",
  });
  await create();
  const online = await parley("doctor --online --json");
  expect(online.code).toBe(1);
  expect(online.rows).toContainEqual(
    expect.objectContaining({ check: "number of Support", level: "problem" }),
  );
  expect(online.rows).toContainEqual(
    expect.objectContaining({ check: "model demo:extractive", level: "ok" }),
  );
});

test("a command goes through the process that holds the data folder", async () => {
  const lock = await lockDataFolder(platform.config.DATA_DIR, {
    handle: createControlServer({
      platform: Promise.resolve(platform),
      commands: ALL_COMMANDS,
      version: "0.0.0-test",
      logger: silentLogger,
    }),
  });
  const elsewhere = { openPlatform: () => Promise.reject(new Error("opened by the command")) };
  try {
    expect(
      (await parley("chatbot create --name A --phone-number-id 1 --access-token x", elsewhere))
        .code,
    ).toBe(0);
    const list = await parley("chatbot list --json", elsewhere);
    expect(list.rows).toHaveLength(1);
    const failing = await parley("chatbot show nobody --json", elsewhere);
    expect(failing).toMatchObject({ code: 1, stdout: "" });
    expect(failing.stderr).toContain("There is no chatbot");
    const drop = await parley("database drop --yes", elsewhere);
    expect(drop.stderr).toContain("Stop it first");
  } finally {
    await lock.release();
  }
});
