import { sql } from "kysely";
import { expect, test } from "vitest";
import { startHandoffWorld } from "../support/handoff-world.ts";
import { startSlack } from "../support/start-slack.ts";

const HANDED_OVER = /passing this on to a colleague/;

test("the model hands over: the customer is told, the bot falls silent, and colleagues get note and alert", async () => {
  await using slack = await startSlack();
  await using world = await startHandoffWorld({ SLACK_WEBHOOK_URL: slack.url });

  await world.says("ana", "I want a refund");

  const reply = await world.simulator.nextReply("ana");
  expect(reply.text).toMatch(HANDED_OVER);
  const post = JSON.stringify(await slack.nextPost());
  expect(post).toMatch(/A customer waits for a person.*conversation show/);
  expect(post).not.toMatch(/refund|order 7/);
  await world.says("ana", "It was the blue one");
  await world.restart(); // nothing is under way any more
  expect(world.simulator.sent).toHaveLength(1);
  expect(world.simulator.models.requests()).toHaveLength(1); // none to word the goodbye
  expect(await world.rowsOf(sql`select kind, reason, content from conversation_notes`)).toEqual([
    { kind: "handoff", reason: "cannot help", content: "Wants a refund of order 7." },
  ]);
  const [conversation] =
    await world.rowsOf(sql`select status, paused_reason, round(extract(epoch from paused_until - now()) / 60)::integer as minutes
      from conversations`);
  expect(conversation).toEqual({ status: "human", paused_reason: "handoff", minutes: 720 });
  expect(await world.rowsOf(sql`select author, content from messages order by id`)).toMatchObject([
    { author: "customer", content: "I want a refund" },
    { author: "bot", content: expect.stringMatching(HANDED_OVER) },
    { author: "customer", content: "It was the blue one" },
  ]);
});

test("two customers who are handed over within an hour are two alerts", async () => {
  await using world = await startHandoffWorld();

  for (const customer of ["ana", "robin"]) {
    await world.says(customer, "A refund, please");
    await world.simulator.nextReply(customer);
  }
  await world.restart();

  expect(await world.rowsOf(sql`select alert_type, occurrences from system_alerts`)).toEqual([
    { alert_type: "handoff", occurrences: 1 },
    { alert_type: "handoff", occurrences: 1 },
  ]);
});

test("a process that stops between the model's decision and the sentence repeats neither", async () => {
  await using world = await startHandoffWorld({ SEND_OUTCOME_WAIT_MS: "300" });
  world.simulator.setFaults({ graph: { next: ["server-error", "drop-after"] } });

  await world.says("ana", "I want a refund");
  await world.simulator.waitFor(() => world.simulator.models.requests().length === 1);
  await world.restart();

  await world.simulator.nextReply("ana", { timeoutMs: 20_000 });
  await expect
    .poll(() => world.rowsOf(sql`select status from turns where handler = 'conversation'`), {
      timeout: 20_000,
    })
    .toEqual([{ status: "done" }]);
  expect(world.simulator.sent).toHaveLength(1);
  expect(world.simulator.models.requests()).toHaveLength(1);
  expect(await world.rowsOf(sql`select kind from conversation_notes`)).toHaveLength(1);
  expect(await world.rowsOf(sql`select occurrences from system_alerts`)).toEqual([
    { occurrences: 1 },
  ]);
});

test("a turn that waits while a colleague takes over pays no model call", async () => {
  await using world = await startHandoffWorld({}, { replyDelayMs: 400 });

  await world.says("ana", "Hello");
  await world.rowsOf(sql`update conversations set status = 'human', paused_reason = 'operator'`);

  await expect
    .poll(() => world.rowsOf(sql`select status from turns where handler = 'conversation'`), {
      timeout: 10_000,
    })
    .toEqual([{ status: "skipped" }]);
  expect(world.simulator.models.requests()).toHaveLength(0);
});
