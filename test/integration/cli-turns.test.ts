import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ChatbotId, OrganizationId } from "#domain/ids.ts";
import { asSystem } from "#store/as-tenant.ts";
import type { Database } from "#store/database.ts";
import { acceptChange, type Route } from "#store/inbound.ts";
import { claimTurns, finishTurn, releaseTurn } from "#store/mailboxes.ts";
import {
  type ParleyRun,
  createTestPlatform,
  runParley,
  shellWords,
} from "../support/run-parley.ts";
import { emptyDatabase } from "../support/test-database.ts";

let folder: string;
let database: Database;
let route: Route;
let parley: (line: string) => Promise<ParleyRun>;
let messages = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-cli-"));
  database = await emptyDatabase();
  const platform = createTestPlatform(database, { DATA_DIR: folder });
  parley = (line) => runParley(platform, shellWords(line));
  const { rows } = await parley(
    "chatbot create --json --name Support --phone-number-id 1 --access-token x --reply-delay-ms 0",
  );
  route = {
    organizationId: OrganizationId.parse(rows[0]?.["organizationId"]),
    chatbotId: ChatbotId.parse(rows[0]?.["id"]),
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A customer's message, to be answered; returns its conversation. */
async function receive(ageMs = 0): Promise<string> {
  messages += 1;
  const [accepted] = await acceptChange(database.db, route, {
    received: null,
    longestWaitMs: 0,
    humanPauseMs: 0,
    events: [
      {
        kind: "message",
        whatsappMessageId: `wamid.${messages}`,
        sender: { phone: "15550109999", profileName: "Ana\u001b[31m" },
        sentAt: new Date(Date.now() - ageMs),
        content: { type: "text", text: "a private question", data: {} },
        wantsAnswer: true,
      },
    ],
  });
  return accepted?.conversationId ?? "";
}

/** Begins the due turn as worker `w`, which lives. */
async function claim() {
  await database.asOwner((db) =>
    sql`insert into workers (id, lock_key) values ('w', 7) on conflict do nothing`.execute(db),
  );
  const { turns } = await claimTurns(database.db, {
    worker: "w",
    places: 5,
    organizationCap: 5,
    documentPlaces: 5,
  });
  const [turn] = turns;
  if (turn === undefined) throw new Error("no turn is due");
  return turn;
}

async function fail(errorCode: string): Promise<string> {
  const turn = await claim();
  await finishTurn(
    database.db,
    { ...turn, worker: "w" },
    { status: "failed", errorCode, nextMs: null },
  );
  return turn.turnId;
}

const explain = async (id: string): Promise<unknown> =>
  (await parley(`turns show ${id} --json`)).rows[0]?.["explanation"];

test("a turn is listed as waiting, running, and then as it ended", async () => {
  const conversationId = await receive();
  const list = async (): Promise<unknown> => (await parley("turns list --json")).rows;
  expect(await list()).toEqual([
    expect.objectContaining({ state: "waiting", id: null, conversationId, messages: 1 }),
  ]);
  const turn = await claim();
  expect(await list()).toEqual([
    expect.objectContaining({ state: "running", id: turn.turnId, chatbot: "Support", attempt: 1 }),
  ]);
  await finishTurn(
    database.db,
    { ...turn, worker: "w" },
    { status: "done", errorCode: null, nextMs: null },
  );
  expect(await list()).toEqual([expect.objectContaining({ state: "done", id: turn.turnId })]);
  expect((await parley("turns list --json --status failed")).rows).toEqual([]);
  expect((await parley("turns list --json --chatbot Support")).rows).toHaveLength(1);
});

test("a conversation that is stuck says why, by its own id and by that of its turn", async () => {
  const conversationId = await receive();
  expect(await explain(conversationId)).toMatch(/^Due for .* but no worker is running/);
  const turn = await claim();
  expect(await explain(turn.turnId)).toMatch(/^A worker \(w\)/);
  await releaseTurn(
    database.db,
    { ...turn, worker: "w" },
    { errorCode: "MODEL_RATE_LIMITED", waitMs: 60_000, attempt: "counts", waitsFor: "time" },
  );
  expect(await explain(conversationId)).toMatch(
    /^Waits (59|60) s for its next attempt \(attempt 2 of 4\): the model provider .*\(MODEL_RATE_LIMITED\)\.$/,
  );
});

test("a failed turn is answered once more, and not twice", async () => {
  const conversationId = await receive();
  const turnId = await fail("MODEL_KEY_INVALID");
  expect(await explain(conversationId)).toContain(`./parley turns retry ${turnId}`);

  const retries = await Promise.all([
    parley(`turns retry ${turnId} --json`),
    parley(`turns retry ${turnId} --json`),
  ]);
  expect(retries.filter(({ code }) => code === 0)).toHaveLength(1);
  const again = await claim();
  expect(again.messages).toHaveLength(1);
  await finishTurn(
    database.db,
    { ...again, worker: "w" },
    { status: "done", errorCode: null, nextMs: null },
  );
  const late = await parley(`turns retry ${turnId}`);
  expect(late).toMatchObject({ code: 1, stdout: "" });
  expect(late.stderr).toContain(`tried again already: see ./parley turns show ${again.turnId}`);
});

test("a failed turn is left alone when a later one has answered", async () => {
  await receive();
  const turnId = await fail("MODEL_TIMEOUT");
  await receive();
  const later = await claim();
  await finishTurn(
    database.db,
    { ...later, worker: "w" },
    { status: "done", errorCode: null, nextMs: null },
  );
  expect((await parley(`turns retry ${turnId}`)).stderr).toContain(
    `A later turn (${later.turnId}) has answered`,
  );
  expect((await parley(`turns retry ${later.turnId}`)).stderr).toContain("has not failed");
});

test("a failed turn is left alone when WhatsApp's 24 hours are over", async () => {
  await receive(23 * 3_600_000);
  const turnId = await fail("MODEL_TIMEOUT");
  await asSystem(database.db, (system) =>
    sql`update conversations set last_inbound_at = now() - interval '25 hours'`.execute(system),
  );
  expect((await parley(`turns retry ${turnId}`)).stderr).toContain("older than 24 hours");
});

test("a turn under way and an unknown one are told apart", async () => {
  await receive();
  const turn = await claim();
  expect((await parley(`turns retry ${turn.turnId}`)).stderr).toContain("still under way");
  expect((await parley("turns retry 01999999-9999-7999-8999-999999999999")).stderr).toContain(
    "There is no turn",
  );
});

test("a conversation is paused for a colleague, and resumed", async () => {
  const id = await receive();
  const paused = await parley(`conversation pause ${id} --minutes 30 --json`);
  expect(paused.rows[0]).toMatchObject({
    isPaused: true,
    status: "human",
    pausedReason: "operator",
  });
  expect((await parley("conversation list --paused --json")).rows).toHaveLength(1);
  expect((await parley(`conversation resume ${id} --json`)).rows[0]).toMatchObject({
    isPaused: false,
  });
  expect((await parley("conversation list --paused --json")).rows).toEqual([]);
});

test("a conversation is found by its person's number, and neither number nor text is shown", async () => {
  const id = await receive();
  const found = await parley("conversation list --json --phone +1-555-010-9999");
  expect(found.rows).toEqual([expect.objectContaining({ id, phone: "…9999", inbound: 1 })]);
  const shown = await parley(`conversation show ${id}`);
  expect(found.stdout + shown.stdout).not.toMatch(/15550109999|private question/);
  expect(shown.stdout).not.toContain("\u001b");
});
