import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";

/** Each process opens the embedded database, which takes seconds on a busy machine. */
const TIMEOUT_MS = 180_000;

const PROJECT = join(import.meta.dirname, "../..");

let folder: string;
let environment: Record<string, string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-process-"));
  environment = {
    PATH: process.env["PATH"] ?? "",
    DATA_DIR: join(folder, "data"),
    DATABASE_URL: "", // empty counts as not set, also against a .env
    PORT: "0",
    SIMULATOR: "off",
    LOG_LEVEL: "silent",
    WHATSAPP_PHONE_NUMBER_ID: "4711",
    WHATSAPP_ACCESS_TOKEN: "a token of the tests",
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const start = (file: string, argv: readonly string[]) =>
  spawn(join(PROJECT, file), argv, { env: environment, stdio: ["ignore", "pipe", "pipe"] });

async function run(file: string, ...argv: string[]) {
  const child = start(file, argv);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { stdout, stderr, code };
}

const rowsOf = (stdout: string): readonly Record<string, unknown>[] =>
  stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** Starts the product; resolves when it says that it is ready. */
async function startProduct() {
  const child = start("parley", ["start"]);
  let said = "";
  for await (const chunk of child.stderr) {
    said += String(chunk);
    if (said.includes("is ready")) break;
  }
  expect(said).toContain("is ready");
  child.stderr.resume();
  return child;
}

test(
  "commands work before the product runs, while it runs and after it was killed",
  async () => {
    const before = await run(
      "parley",
      ..."chatbot create --json --name A --phone-number-id 1 --access-token x".split(" "),
    );
    expect(before).toMatchObject({ code: 0, stderr: "" });

    const product = await startProduct();
    const [second, during, doctor] = await Promise.all([
      run("parley", "start"),
      run(
        "parley",
        ..."chatbot create --json --name B --phone-number-id 2 --access-token x".split(" "),
      ),
      run("parley", "doctor", "--json"),
    ]);
    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).toContain("Another Parley process uses the data folder");
    expect(during).toMatchObject({ code: 0, stderr: "" });
    expect(rowsOf(doctor.stdout)).toContainEqual({
      check: "workers",
      level: "ok",
      message: "1 running.",
    });

    product.kill("SIGKILL");
    await once(product, "exit");
    const after = await run("parley", "chatbot", "list", "--json");
    expect(after).toMatchObject({ code: 0, stderr: "" });
    expect(rowsOf(after.stdout).map((row) => row["name"])).toEqual(["A", "B"]);
  },
  TIMEOUT_MS,
);

test(
  "the database script makes, fills, shows and drops the test database",
  async () => {
    const refused = await run("db/manage_db.sh", "--test", "reset");
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("--yes");

    const reset = await run("db/manage_db.sh", "--test", "reset", "--yes", "--json");
    expect(reset.code).toBe(0);
    expect(rowsOf(reset.stdout)).toEqual([expect.objectContaining({ messages: 8 })]);

    const verify = await run("db/manage_db.sh", "verify", "--test");
    expect(verify.code).toBe(0);
    expect(verify.stdout).toContain("messages (8 rows)");
    expect(verify.stdout).toMatch(/whatsapp_access_token +text not null/);
    expect(verify.stdout).not.toMatch(/Sunday|test-access-token|Ana Sample|v1\./);

    const drop = await run("db/manage_db.sh", "--test", "drop", "--yes", "--json");
    expect(rowsOf(drop.stdout)).toEqual([
      expect.objectContaining({ droppedTables: expect.any(Number) }),
    ]);
    const gone = await run("db/manage_db.sh", "--test", "verify");
    expect(gone).toMatchObject({ code: 1, stdout: "" });
    expect(gone.stderr).toContain("db/manage_db.sh --test create");
  },
  TIMEOUT_MS,
);

test("the database script explains itself as the specification says", async () => {
  const { code, stdout } = await run("db/manage_db.sh", "--help");
  expect(code).toBe(0);
  expect(stdout).toBe(
    `Usage: db/manage_db.sh [OPTIONS] <COMMAND>

Options:
  --test  - Target the test database (test_business_logic_db)
  --dev   - Target the dev database (business_logic_db) [default]

Commands:
  create  - Create database schema
  seed    - Insert seed data (requires WHATSAPP_PHONE_NUMBER_ID and WHATSAPP_ACCESS_TOKEN in .env for dev DB)
  drop    - Drop all tables (with confirmation)
  reset   - Drop, create, and seed database (full reset)
  verify  - Show all tables, their structure, and sample data

Examples:
  ./manage_db.sh reset             # Reset dev database
  ./manage_db.sh --test reset      # Reset test database
`,
  );
  expect((await run("db/manage_db.sh", "remove")).code).toBe(2);
});
