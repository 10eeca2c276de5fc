import { sql } from "kysely";
import { expect, test } from "vitest";
import { type HandoffWorld, startHandoffWorld } from "../support/handoff-world.ts";

const optedOut = (world: HandoffWorld) =>
  world.rowsOf(sql`select opted_out_at is not null as out from contacts`);

test("STOP is confirmed once without a model, and questions are still answered", async () => {
  await using world = await startHandoffWorld();

  await world.says("ana", "Stop!");
  expect((await world.simulator.nextReply("ana")).text).toMatch(/^Done: we will not write/);
  await world.says("ana", "STOP");
  await world.says("ana", "When do you open?");
  expect((await world.simulator.nextReply("ana")).text).toMatch(/When do you open\?$/);

  expect(await optedOut(world)).toEqual([{ out: true }]);
  expect(world.texts()).toHaveLength(2);
  expect(world.simulator.models.requests()).toHaveLength(1);
});

test("START opts in again, and is a greeting to those who never opted out", async () => {
  await using world = await startHandoffWorld();

  await world.says("ana", "start");
  expect((await world.simulator.nextReply("ana")).text).toBe("You said: start");
  await world.says("ana", "SAIR");
  expect((await world.simulator.nextReply("ana")).text).toMatch(/^Pronto: não voltaremos/);
  await world.says("ana", "START");
  expect((await world.simulator.nextReply("ana")).text).toMatch(/START|STOP/);

  expect(await optedOut(world)).toEqual([{ out: false }]);
  expect(await world.rowsOf(sql`select kind from conversation_notes order by id`)).toEqual([
    { kind: "opted out" },
    { kind: "opted in" },
  ]);
});

test("STOP is heeded and confirmed while a colleague has the conversation, whose pause lasts", async () => {
  await using world = await startHandoffWorld();
  await world.says("ana", "I want to talk to a person");
  await world.simulator.nextReply("ana");

  await world.says("ana", "STOP");

  expect((await world.simulator.nextReply("ana")).text).toMatch(/^Done: we will not write/);
  expect(await world.rowsOf(sql`select status from conversations`)).toEqual([{ status: "human" }]);
  expect(await optedOut(world)).toEqual([{ out: true }]);
});

test("who has opted out is not told that the bot is back, but what they asked is answered", async () => {
  await using world = await startHandoffWorld();
  await world.says("ana", "I want to talk to a person");
  await world.simulator.nextReply("ana");
  await world.says("ana", "STOP");
  await world.simulator.nextReply("ana");
  const id = await world.conversationId();

  await world.parley(`conversation resume ${id}`);
  await world.parley(`conversation pause ${id} --silently`);
  await world.says("ana", "Do you open on Sunday?");
  await world.parley(`conversation resume ${id}`);

  expect((await world.simulator.nextReply("ana")).text).toBe("You said: Do you open on Sunday?");
  const { rows } = await world.parley(`conversation show ${id} --json`);
  expect(rows[0]).toMatchObject({ optedOutAt: expect.any(String) });
  expect(world.texts()).toHaveLength(3);
});

test("a redelivered STOP does not undo the START that came after it", async () => {
  await using world = await startHandoffWorld();
  world.simulator.setFaults({ webhooks: { duplicates: 3 } });
  await world.says("ana", "STOP");
  await world.simulator.nextReply("ana");
  await world.says("ana", "START");
  await world.simulator.nextReply("ana");
  await world.restart();

  expect(await optedOut(world)).toEqual([{ out: false }]);
  expect(world.texts()).toHaveLength(2);
});
