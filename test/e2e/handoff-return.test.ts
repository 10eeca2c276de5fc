import { sql } from "kysely";
import { expect, test } from "vitest";
import { type HandoffWorld, startHandoffWorld } from "../support/handoff-world.ts";

const HANDED_OVER = /passing this on to a colleague/;
const BACK = /^This is the automatic assistant/;
const NOBODY_CAME = /^I am sorry: none of my colleagues/;

/** Ana is handed over. */
async function handOver(world: HandoffWorld, text = "I want a refund"): Promise<string> {
  await world.says("ana", text);
  expect((await world.simulator.nextReply("ana")).text).toMatch(HANDED_OVER);
  await expect
    .poll(() => world.rowsOf(sql`select status from conversations`), { timeout: 10_000 })
    .toEqual([{ status: "human" }]);
  return world.conversationId();
}

test("resumed by command, the bot says once that it is back and answers what nobody has answered", async () => {
  await using world = await startHandoffWorld();
  const id = await handOver(world, "I want to talk to a person");
  await world.says("ana", "Do you open on Sunday?");

  await world.parley(`conversation resume ${id}`);
  await world.parley(`conversation resume ${id}`);

  const reply = await world.simulator.nextReply("ana");
  expect(reply.text).toMatch(BACK);
  expect(reply.text).toContain("You said: Do you open on Sunday?");
  const asked = JSON.stringify(world.simulator.models.requests().at(-1)?.turns);
  expect(asked).toMatch(/talk to a person.*passing this on.*Do you open on Sunday/s);
  await world.says("ana", "And on Monday?");
  await world.simulator.nextReply("ana");
  expect(world.texts()).toEqual([
    expect.stringMatching(HANDED_OVER),
    expect.stringMatching(BACK),
    "You said: And on Monday?",
  ]);
});

test("closed by command, the bot says so and answers nothing of before", async () => {
  await using world = await startHandoffWorld();
  const id = await handOver(world);
  await world.says("ana", "Do you open on Sunday?");

  await world.parley(`conversation close ${id}`);

  const reply = await world.simulator.nextReply("ana");
  expect(reply.text).toMatch(/^My colleague has closed this request/);
  await world.restart();
  expect(world.simulator.models.requests()).toHaveLength(1);
});

test("when no colleague writes, the bot comes back by itself and says that nobody could", async () => {
  await using world = await startHandoffWorld();
  await handOver(world);
  await world.says("ana", "ok thanks");

  await world.endPauses();

  const reply = await world.simulator.nextReply("ana", { timeoutMs: 20_000 });
  expect(reply.text).toMatch(NOBODY_CAME);
  await world.restart();
  expect(world.texts()).toHaveLength(2); // thanks need no answer hours later
  expect(await world.rowsOf(sql`select kind, reason from conversation_notes order by id`)).toEqual([
    { kind: "handoff", reason: "cannot help" },
    { kind: "timeout", reason: "handoff" },
  ]);
});

test("a customer who writes after the pause, before the schedule looked, reads first that the bot is back", async () => {
  await using world = await startHandoffWorld();
  await handOver(world);
  await world.rowsOf(sql`update conversations set paused_until = now()`);

  await world.says("ana", "Do you open on Sunday?");

  const reply = await world.simulator.nextReply("ana");
  expect(reply.text).toMatch(NOBODY_CAME);
  expect(reply.text).toContain("You said: Do you open on Sunday?");
  await world.endPauses();
  await world.says("ana", "And on Monday?");
  await world.simulator.nextReply("ana");
  expect(world.texts()).toHaveLength(3);
});

test("a colleague who writes from the phone app takes the handoff up, and the bot reads it", async () => {
  await using world = await startHandoffWorld();
  await handOver(world);

  await world.colleagueSays("ana", "I have refunded it.");
  const [paused] = await world.rowsOf(
    sql`select paused_reason, round(extract(epoch from paused_until - now()) / 60)::integer as minutes from conversations`,
  );
  expect(paused).toEqual({ paused_reason: "phone app", minutes: 60 });
  await world.says("ana", "When will it arrive?");
  await world.endPauses();

  const reply = await world.simulator.nextReply("ana", { timeoutMs: 20_000 });
  expect(reply.text).toMatch(BACK); // a colleague came, so no regrets
  expect(JSON.stringify(world.simulator.models.requests().at(-1)?.turns)).toMatch(
    /A colleague of the business wrote.*I have refunded it.*When will it arrive/s,
  );
});

test("after a colleague wrote without a handoff, the bot answers what stayed open and makes no words of its return", async () => {
  await using world = await startHandoffWorld();
  await world.says("ana", "Hello");
  await world.simulator.nextReply("ana");
  await world.colleagueSays("ana", "Hi, this is Eva.");
  await world.says("ana", "Can I bring my dog?");

  await world.endPauses();

  const reply = await world.simulator.nextReply("ana", { timeoutMs: 20_000 });
  expect(reply.text).toBe("You said: Can I bring my dog?");
});

test("an operator's pause is told, and a silent one is not", async () => {
  await using world = await startHandoffWorld();
  await world.says("ana", "Hello");
  await world.simulator.nextReply("ana");
  const id = await world.conversationId();

  await world.parley(`conversation pause ${id} --minutes 0 --silently`);
  await world.parley(`conversation resume ${id} --silently`);
  await world.parley(`conversation pause ${id}`);

  expect((await world.simulator.nextReply("ana")).text).toMatch(HANDED_OVER);
  const { rows } = await world.parley(`conversation show ${id} --json`);
  expect(rows[0]).toMatchObject({ isPaused: true, pausedReason: "operator" });
  await world.restart();
  expect(world.texts()).toHaveLength(2);
});

test("a question that an operator's pause overtook is answered when the bot is back", async () => {
  await using world = await startHandoffWorld({}, { replyDelayMs: 4_000 });
  await world.says("ana", "Do you open on Sunday?");
  const id = await world.conversationId();

  await world.parley(`conversation pause ${id}`);
  expect((await world.simulator.nextReply("ana")).text).toMatch(HANDED_OVER);
  const kept = sql`select author from messages order by id`;
  await expect
    .poll(() => world.rowsOf(kept), { timeout: 10_000 })
    .toEqual([{ author: "customer" }, { author: "bot" }]);
  await world.parley(`conversation pause ${id} --minutes 0`);
  await world.parley(`conversation resume ${id}`);

  const reply = await world.simulator.nextReply("ana");
  expect(reply.text).toMatch(BACK);
  expect(reply.text).toContain("You said: Do you open on Sunday?");
});

test("the operator reads why the conversation was handed over", async () => {
  await using world = await startHandoffWorld();
  const id = await handOver(world);

  const { stdout } = await world.parley(`conversation show ${id}`);

  expect(stdout).toContain("Wants a refund of order 7.");
  expect(stdout).toContain("no colleague has written yet");
});

test("nobody is told that the bot is back when WhatsApp's 24 hours are over", async () => {
  await using world = await startHandoffWorld();
  const id = await handOver(world);
  await world.rowsOf(sql`update messages set sent_at = sent_at - interval '25 hours'`);

  await world.parley(`conversation resume ${id}`);

  await expect
    .poll(
      () => world.rowsOf(sql`select status from turns where handler = 'conversation' order by id`),
      {
        timeout: 10_000,
      },
    )
    .toEqual([{ status: "done" }, { status: "skipped" }]);
  expect(world.texts()).toHaveLength(1);
});
