import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ALL_COMMANDS } from "#cli/commands/all-commands.ts";
import { createControlServer } from "#cli/control-server.ts";
import { lockDataFolder } from "#platform/data-folder.ts";
import { silentLogger } from "#platform/logger.ts";
import type { Platform } from "../../src/open-platform.ts";
import { createTestPlatform, type ParleyRun, runParley } from "../support/run-parley.ts";
import { emptyDatabase } from "../support/test-database.ts";

let folder: string;
let platform: Platform;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-knowledge-cli-"));
  platform = createTestPlatform(await emptyDatabase(), { DATA_DIR: join(folder, "data") });
  await mkdir(join(folder, "docs", "prices"), { recursive: true });
  await writeFile(
    join(folder, "docs", "hours.md"),
    "# Opening hours\n\nThe bakery opens at nine and closes at six.\n",
  );
  await writeFile(join(folder, "docs", "prices", "cakes.csv"), "cake;price\nApple;3.50\n");
  await writeFile(join(folder, "docs", ".hidden"), "secret");
  await parley(
    "chatbot",
    "create",
    "--name",
    "Support",
    "--phone-number-id",
    "1",
    "--access-token",
    "x",
  );
});
afterEach(async () => {
  await platform.knowledge.close();
  await rm(folder, { recursive: true, force: true });
});

const parley = (...argv: string[]): Promise<ParleyRun> => runParley(platform, argv);
const docs = (...path: string[]): string => join(folder, "docs", ...path);
const add = (...rest: string[]): Promise<ParleyRun> =>
  parley("knowledge", "add", "--chatbot", "Support", ...rest);

test("a folder is learned by one command, which tells of each file what became of it", async () => {
  await writeFile(docs("empty.txt"), "");
  await writeFile(docs("huge.txt"), "x".repeat(10 * 1024 * 1024 + 1));

  const run = await add(docs(), join(folder, "missing.pdf"), "--json");

  expect(run.code).toBe(1);
  const result = Object.fromEntries(run.rows.map(({ file, ...rest }) => [String(file), rest]));
  expect(result).toEqual({
    "hours.md": {
      sourceId: expect.any(String),
      status: "synced",
      reason: null,
      pages: null,
      chunks: 1,
      seconds: expect.any(Number),
    },
    "prices/cakes.csv": expect.objectContaining({ status: "synced", chunks: 1 }),
    "empty.txt": expect.objectContaining({
      status: "failed",
      reason: expect.stringContaining("The file is empty."),
    }),
    "huge.txt": expect.objectContaining({
      status: "failed",
      sourceId: null,
      reason: expect.stringContaining("larger than 10 MB"),
    }),
    [join(folder, "missing.pdf")]: expect.objectContaining({
      status: "failed",
      reason: "There is no such file or folder.",
    }),
  });
});

test("what was learned is found, shown as it was read, and gone when it is removed", async () => {
  const table = await add(docs());
  expect(table).toMatchObject({ code: 0, stderr: "" });
  expect(table.stdout).toMatch(/^FILE +STATUS +PAGES +CHUNKS +SECONDS +REASON\n/);
  expect(table.stdout).toContain("hours.md          synced");

  const found = await parley(
    "knowledge",
    "search",
    "--chatbot",
    "Support",
    "When does the bakery open?",
    "--json",
  );
  expect(found.rows[0]).toMatchObject({
    sourceName: "hours.md",
    text: "The bakery opens at nine and closes at six.",
    headings: ["Opening hours"],
  });
  const text = await parley("knowledge", "show", "hours.md", "--text");
  expect(text.stdout).toContain("[Opening hours]\nThe bakery opens at nine and closes at six.");

  expect((await parley("knowledge", "remove", "hours.md")).code).toBe(2);
  expect((await parley("knowledge", "remove", "hours.md", "--yes")).code).toBe(0);
  const { rows } = await parley("knowledge", "list", "--chatbot", "Support", "--json");
  expect(rows).toEqual([expect.objectContaining({ name: "prices/cakes.csv", status: "synced" })]);
  expect((await parley("knowledge", "show", "hours.md")).code).toBe(1);
});

test("the same folder again changes nothing but what has changed", async () => {
  const first = await add(docs(), "--json");
  await writeFile(docs("hours.md"), "# Opening hours\n\nThe bakery is open around the clock.\n");

  const second = await add(docs(), "--json");

  const ids = (run: ParleyRun) => new Set(run.rows.map(({ sourceId }) => sourceId));
  expect(ids(second)).toEqual(ids(first));
  const text = await parley("knowledge", "show", "hours.md", "--text", "--json");
  expect(text.rows).toEqual([
    expect.objectContaining({ text: "The bakery is open around the clock." }),
  ]);
  expect((await parley("knowledge", "list", "--json")).rows).toHaveLength(2);
});

test("a failed document is read again when its admin asks for it", async () => {
  await writeFile(docs("empty.txt"), " ");
  await add(docs("empty.txt"));

  const again = await parley("knowledge", "retry", "empty.txt", "--json");

  expect(again.code).toBe(1);
  expect(again.rows).toEqual([expect.objectContaining({ file: "empty.txt", status: "failed" })]);
});

test("a wrong chatbot ends the command, and an address inside the network is refused", async () => {
  const wrong = await parley("knowledge", "add", "--chatbot", "Nobody", docs());
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(wrong.stderr).toContain("There is no chatbot");

  const inside = await add("http://169.254.169.254/latest/meta-data", "--json");
  expect(inside.rows).toEqual([
    expect.objectContaining({
      status: "failed",
      reason: expect.stringContaining("not on the public internet"),
    }),
  ]);
});

test("documents go through the process that holds the data folder, large ones too", async () => {
  const lock = await lockDataFolder(platform.config.DATA_DIR, {
    handle: createControlServer({
      platform: Promise.resolve(platform),
      commands: ALL_COMMANDS,
      version: "0.0.0-test",
      logger: silentLogger,
    }),
  });
  try {
    await writeFile(
      docs("large.txt"),
      `${"An ordinary line of a large file.\n".repeat(3)}${" ".repeat(9_900_000)}`,
    );
    const run = await add(docs("large.txt"), docs("hours.md"), "--json");
    expect(new Map(run.rows.map(({ file, status }) => [file, status]))).toEqual(
      new Map([
        ["large.txt", "synced"],
        ["hours.md", "synced"],
      ]),
    );
    const internal = await parley("knowledge", "upload");
    expect(internal.code, "commands for other commands are not typed").toBe(2);
  } finally {
    await lock.release();
  }
});

test("an embedding model that cannot be opened is refused before anything changes", async () => {
  await add(docs());
  const refused = await parley(
    "knowledge",
    "model",
    "--chatbot",
    "Support",
    "openai:text-embedding-3-small",
  );
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("OPENAI_API_KEY");

  const same = await parley("knowledge", "model", "--chatbot", "Support", "local:hash", "--json");
  expect(same.rows).toEqual([expect.objectContaining({ model: "local:hash", documents: 0 })]);
});
