import { sql } from "kysely";
import { expect, test } from "vitest";
import { claimTurns, postToMailbox, releaseTurn } from "#store/mailboxes.ts";
import { emptyDatabase } from "../support/test-database.ts";

const HOUR_MS = 3_600_000;
const WAITS = { errorCode: null, waitMs: HOUR_MS, attempt: "is given back" } as const;

/** A turn that this worker has, and what may happen to it. */
async function setUp() {
  const { db } = await emptyDatabase();
  const mailbox = { key: "test", organizationId: null, handler: "test", coalesces: true };
  await postToMailbox(db, { ...mailbox, payload: "message", waitMs: 0 });
  const claim = async () => {
    const { turns } = await claimTurns(db, {
      worker: "me",
      places: 1,
      organizationCap: 1,
      documentPlaces: 1,
    });
    return turns.map((turn) => ({ turn, owner: { ...turn, worker: "me" } }));
  };
  const [claimed] = await claim();
  if (claimed === undefined) throw new Error("Nothing was claimed");
  const { turn, owner } = claimed;
  const hasten = () => sql`select mailbox_hasten(${turn.key}, ${turn.turnId})`.execute(db);
  return { db, claim, owner, hasten };
}

test("news that come while a turn rests bring it forward", async () => {
  const { db, claim, owner, hasten } = await setUp();
  expect(await releaseTurn(db, owner, { ...WAITS, waitsFor: "news" })).toBeCloseTo(HOUR_MS, -4);

  await hasten();

  expect(await claim()).toHaveLength(1);
});

test("a turn does not lie down for news that came while it ran, and rests for the next ones", async () => {
  const { db, claim, owner, hasten } = await setUp();
  await hasten();

  expect(await releaseTurn(db, owner, { ...WAITS, waitsFor: "news" })).toBe(0);
  const [again] = await claim();
  if (again === undefined) throw new Error("Nothing was claimed");
  expect(await releaseTurn(db, again.owner, { ...WAITS, waitsFor: "news" })).toBeCloseTo(
    HOUR_MS,
    -4,
  );
  expect(await claim()).toEqual([]);
});

test("news shorten no rest that a turn takes for another reason", async () => {
  const { db, owner, hasten } = await setUp();
  await hasten();

  const rest = { errorCode: "WHATSAPP_RATE_LIMITED", waitMs: 30_000, attempt: "counts" } as const;
  expect(await releaseTurn(db, owner, { ...rest, waitsFor: "time" })).toBeCloseTo(30_000, -4);
});

test("whoever lost the turn is told so when it lies down", async () => {
  const { db, owner } = await setUp();
  const lost = { ...owner, worker: "another" };
  expect(await releaseTurn(db, lost, { ...WAITS, waitsFor: "news" })).toBeNull();
});
