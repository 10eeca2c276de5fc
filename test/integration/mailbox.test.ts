import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { expect, test } from "vitest";
import type { AppDatabase } from "#store/database.ts";
import {
  checkpointSteps,
  claimTurns,
  finishTurn,
  freeUnknownTurns,
  postToMailbox,
  readBacklog,
  releaseTurn,
  supersedeTurn,
  type TurnOwner,
} from "#store/mailboxes.ts";
import { takeOverEmbedded } from "#store/workers.ts";
import { emptyDatabase } from "../support/test-database.ts";

const DONE = { status: "done", errorCode: null, nextMs: null } as const;

/** A mailbox database with an organization, and the calls of a worker named `me`. */
async function setUp() {
  const database = await emptyDatabase();
  const { db } = database;
  const createOrganization = async (): Promise<string> => {
    const id = randomUUID();
    await database.asOwner((owner) =>
      sql`insert into organizations (id, name, slug) values (${id}, 'Test', ${`t-${id}`})`.execute(
        owner,
      ),
    );
    return id;
  };
  const organizationId = await createOrganization();
  const post = (
    payload: string,
    options: {
      key?: string;
      handler?: string;
      coalesces?: boolean;
      waitMs?: number;
      organizationId?: string;
    } = {},
  ) =>
    postToMailbox(db, {
      key: "conversation:1",
      organizationId,
      handler: "conversation",
      coalesces: true,
      waitMs: 0,
      ...options,
      payload,
    });
  return { database, db, organizationId, createOrganization, post };
}

function claim(db: AppDatabase, options: { worker?: string; places?: number; cap?: number } = {}) {
  const { worker = "me", places = 10, cap = 10 } = options;
  return claimTurns(db, { worker, places, organizationCap: cap, documentPlaces: 2 });
}

async function claimOne(db: AppDatabase, worker = "me") {
  const { turns } = await claim(db, { worker });
  const [turn] = turns;
  if (turn === undefined || turns.length > 1) throw new Error(`Claimed ${turns.length} turns`);
  const owner: TurnOwner = { key: turn.key, fence: turn.fence, worker };
  return { turn, owner };
}

test("a turn takes all messages of a coalescing mailbox, in order", async () => {
  const { db, post } = await setUp();
  for (const payload of ["a", "b", "c"]) await post(payload);

  const { turn } = await claimOne(db);

  expect(turn.messages).toEqual(["a", "b", "c"]);
});

test("a turn takes one message of any other mailbox, and its end hands out the next", async () => {
  const { db, post } = await setUp();
  for (const payload of ["a", "b"]) await post(payload, { coalesces: false });

  const { turn, owner } = await claimOne(db);
  const next = await finishTurn(db, owner, DONE);

  expect(turn.messages).toEqual(["a"]);
  expect(next?.turn).toMatchObject({ messages: ["b"], attempt: 1 });
  expect(next?.turn?.turnId).not.toBe(turn.turnId);
});

test("a mailbox belongs to one worker at a time", async () => {
  const { db, post } = await setUp();
  await post("a");

  const claims = await Promise.all(["one", "two", "three"].map((worker) => claim(db, { worker })));

  expect(claims.flatMap(({ turns }) => turns)).toHaveLength(1);
});

test("what comes while a turn runs waits for the next turn, and none is lost", async () => {
  const { db, post } = await setUp();
  await post("a");
  const { owner } = await claimOne(db);
  await post("b");
  await post("c");

  expect((await claim(db)).turns).toEqual([]);
  const next = await finishTurn(db, owner, DONE);

  expect(next?.turn?.messages).toEqual(["b", "c"]);
});

test("a turn starts when its waiting time is over, which each further message begins anew", async () => {
  const { db, post } = await setUp();
  await post("a", { waitMs: 60_000 });

  const { turns, nextDueMs } = await claim(db);

  expect(turns).toEqual([]);
  expect(nextDueMs).toBeGreaterThan(50_000);
  expect(nextDueMs).toBeLessThanOrEqual(60_000);
});

test("a resumed turn has the same messages and finds its finished steps, whatever came meanwhile", async () => {
  const { db, post } = await setUp();
  await post("a");
  const first = await claimOne(db);
  await checkpointSteps(db, first.owner, { "model-0": { text: "hello" } });
  await post("b");
  await releaseTurn(db, first.owner, {
    errorCode: "MODEL_TIMEOUT",
    waitMs: 0,
    attempt: "counts",
    waitsFor: "time",
  });

  const second = await claimOne(db, "another");

  expect(second.turn).toMatchObject({
    turnId: first.turn.turnId,
    attempt: 2,
    messages: ["a"],
    steps: { "model-0": { text: "hello" } },
  });
});

test("whoever lost a turn can write nothing for it any more", async () => {
  const { db, post } = await setUp();
  await post("a");
  const { owner } = await claimOne(db);
  await freeUnknownTurns(db, "me", []);
  const taken = await claimOne(db, "another");

  expect(await checkpointSteps(db, owner, { step: 1 })).toBe(false);
  expect(await finishTurn(db, owner, DONE)).toBeNull();
  expect(await supersedeTurn(db, owner)).toBeNull();
  await releaseTurn(db, owner, { errorCode: null, waitMs: 0, attempt: "counts", waitsFor: "time" });
  expect(await checkpointSteps(db, taken.owner, { step: 2 })).toBe(true);
});

test("the first result of a step stays", async () => {
  const { db, post } = await setUp();
  await post("a");
  const { owner } = await claimOne(db);
  await checkpointSteps(db, owner, { step: "first" });
  await checkpointSteps(db, owner, { step: "second" });
  await releaseTurn(db, owner, { errorCode: null, waitMs: 0, attempt: "counts", waitsFor: "time" });

  expect((await claimOne(db)).turn.steps).toEqual({ step: "first" });
});

test("a planned stop gives the attempt back and keeps the finished steps", async () => {
  const { db, post } = await setUp();
  await post("a");
  const { owner } = await claimOne(db);
  await checkpointSteps(db, owner, { "model-0": "paid for" });
  await releaseTurn(db, owner, {
    errorCode: null,
    waitMs: 0,
    attempt: "is given back",
    waitsFor: "time",
  });

  expect((await claimOne(db)).turn).toMatchObject({ attempt: 1, steps: { "model-0": "paid for" } });
});

test("a discarded turn's messages come back together with the newer ones, in a new turn", async () => {
  const { db, post } = await setUp();
  await post("a");
  const first = await claimOne(db);
  await checkpointSteps(db, first.owner, { "model-0": "draft" });
  await post("b");
  await supersedeTurn(db, first.owner);

  const second = await claimOne(db);

  expect(second.turn).toMatchObject({ messages: ["a", "b"], attempt: 1, steps: {} });
  expect(second.turn.turnId).not.toBe(first.turn.turnId);
});

test("a finished turn leaves its messages in the record and none in the mailbox", async () => {
  const { database, db, post } = await setUp();
  await post("a");
  const { owner, turn } = await claimOne(db);
  await finishTurn(db, owner, { status: "failed", errorCode: "MODEL_KEY_INVALID", nextMs: null });

  const { rows } = await database.asOwner((ownerDb) =>
    sql`select t.id, t.status, t.error_code, t.messages, (select sum(jsonb_array_length(m.messages))::int from mailboxes m) as left
        from turns t`.execute(ownerDb),
  );
  expect(rows).toEqual([
    {
      id: turn.turnId,
      status: "failed",
      error_code: "MODEL_KEY_INVALID",
      messages: ["a"],
      left: 0,
    },
  ]);
});

test("a tenant's flood does not keep another tenant waiting", async () => {
  const { db, post, createOrganization } = await setUp();
  for (let index = 0; index < 50; index += 1)
    await post("flood", { key: `conversation:flood-${index}` });
  const other = await createOrganization();
  await post("other", { key: "conversation:other", organizationId: other });

  const { turns } = await claim(db, { places: 4 });

  expect(turns).toHaveLength(4);
  expect(turns.map(({ key }) => key)).toContain("conversation:other");
});

test("no organization runs more turns at once than the cap", async () => {
  const { db, post } = await setUp();
  for (let index = 0; index < 20; index += 1)
    await post("flood", { key: `conversation:flood-${index}` });

  const first = await claim(db, { places: 50, cap: 5 });
  const second = await claim(db, { places: 50, cap: 5 });

  expect(first.turns).toHaveLength(5);
  expect(second.turns).toEqual([]);
  expect(await readBacklog(db)).toMatchObject({ due: 15, running: 5 });
});

test("documents take two places of a worker, and keep no customer of their organization waiting", async () => {
  const { db, post } = await setUp();
  for (let index = 0; index < 20; index += 1)
    await post("learn", { key: `document:${index}`, handler: "document", coalesces: false });
  await post("hello", { key: "conversation:1" });

  const first = await claim(db, { places: 10, cap: 2 });
  const second = await claim(db, { places: 10, cap: 2 });

  expect(first.turns.map(({ handler }) => handler).toSorted()).toEqual([
    "conversation",
    "document",
    "document",
  ]);
  expect(second.turns).toEqual([]);
});

test("what a dead process owned is free for the next start of the embedded database", async () => {
  const { db, post } = await setUp();
  await post("a");
  await claimOne(db, "dead");

  await takeOverEmbedded(db, "alive");

  expect((await claimOne(db, "alive")).turn).toMatchObject({ attempt: 2, messages: ["a"] });
});
