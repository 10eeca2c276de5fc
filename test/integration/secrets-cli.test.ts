import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ALL_COMMANDS } from "#cli/commands/all-commands.ts";
import { resealSecrets } from "#cli/commands/reseal-secrets.ts";
import { secretsRotate } from "#cli/commands/secrets-rotate.ts";
import { createControlServer } from "#cli/control-server.ts";
import { lockDataFolder } from "#platform/data-folder.ts";
import { silentLogger } from "#platform/logger.ts";
import { runParley } from "../support/run-parley.ts";
import { byKind, createSealedWorld, type SealedWorld } from "../support/sealed-world.ts";
import { emptyDatabase } from "../support/test-database.ts";

let folder: string;
let world: SealedWorld;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-secrets-"));
  world = createSealedWorld(await emptyDatabase(), join(folder, "data"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("counting changes nothing, and ends with 1 until nothing needs the older key any more", async () => {
  await world.fill("Bakery", "1");

  const first = await world.parley("both", "secrets rotate --check");
  expect(first.code).toBe(1);
  expect(first.stderr).toContain("10 secret(s) are not sealed under the first key. Keep the other");
  expect(byKind(first, "left")).toMatchObject({ chatbots: 2, tools: 1, "tool calls": 5 });
  await world.openAll("old"); // as before

  await world.parley("both", "secrets rotate");
  const second = await world.parley("both", "secrets rotate --check");
  expect(second.code).toBe(0);
  expect(second.stderr).toContain("may be taken out of the ring");
});

test("interrupted between two pages and run again, it has done everything once; doctor tells of what is left", async () => {
  const place = await world.createChatbot("Bakery", "1");
  await world.recordCalls(place, 450);
  expect((await findingOf("old keys"))?.["message"]).toContain("899 of tool calls");

  for await (const page of resealSecrets(world.platform("both"), "tool calls")) {
    expect(page.resealed).toBe(400);
    break;
  }
  expect(await findingOf("old keys")).toMatchObject({
    level: "warning",
    message: expect.stringMatching(/2 of chatbots, 499 of tool calls, at least.*secrets rotate/),
  });

  const run = await world.parley("both", "secrets rotate");
  expect(run.code).toBe(0);
  expect(byKind(run, "resealed")).toMatchObject({ "tool calls": 499 });
  expect(byKind(run, "checked")).toMatchObject({ "tool calls": 899 });
  expect(await world.openAll("new")).toHaveLength(2 + 899);
  expect(await findingOf("old keys")).toMatchObject({ level: "ok" });
});

async function findingOf(check: string) {
  const { rows } = await world.parley("both", "doctor");
  return rows.find((row) => row["check"] === check);
}

test("what a process with an older ring writes meanwhile is counted as left", async () => {
  const place = await world.fill("Bakery", "1");
  await world.parley("both", "secrets rotate");
  await world.recordCalls(place, 1);

  expect(await findingOf("old keys")).toMatchObject({ level: "warning" });
  expect(byKind(await world.parley("both", "secrets rotate --check"), "left")).toEqual({
    chatbots: 0,
    tools: 0,
    confirmations: 0,
    turns: 0,
    "tool calls": 1,
    "key ring check": 0,
  });
});

test("it runs in the process that holds the embedded database, without a terminal", async () => {
  await world.fill("Bakery", "1");
  const platform = world.platform("both");
  const lock = await lockDataFolder(platform.config.DATA_DIR, {
    handle: createControlServer({
      platform: Promise.resolve(platform),
      commands: ALL_COMMANDS,
      version: "0.0.0-test",
      logger: silentLogger,
    }),
  });
  try {
    const run = await runParley(platform, ["secrets", "rotate"], {
      openPlatform: () => Promise.reject(new Error("opened by the command")),
    });
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/^KIND +CHECKED +RESEALED +LEFT\nchatbots +2 +2 +0\n/);
    expect(run.stderr).toBe(
      "note: Everything is sealed under the first key: the others may be taken out of the ring.\n",
    );
  } finally {
    await lock.release();
  }
});

test("whoever watches sees how far it is, and nothing of it stays", async () => {
  await world.fill("Bakery", "1");
  const platform = world.platform("both");
  const shown: string[] = [];
  const rows = secretsRotate.compose?.(
    {
      call: async function* (command, input) {
        yield* await command.run(platform, input, () => {});
      },
      notice: () => {},
      progress: (line) => void shown.push(line),
    },
    { check: false },
  );
  for await (const row of rows ?? []) expect(row).not.toHaveProperty("step");

  expect(shown).toContain("tool calls: 5 of 5 sealed anew");
  expect(shown).toContain("tool calls: 5 counted");
  expect(shown.at(-1)).toBe("");
});
