import { sql } from "kysely";
import { expect, test } from "vitest";
import { startSlack } from "../support/start-slack.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";

const HANDED_OVER = /passing this on to a colleague/;

function says(world: TestWorld, phoneNumberId: string, [customer, text]: [string, string]) {
  return world.simulator.customerSends({
    phoneNumberId,
    customer,
    content: { type: "text", text },
  });
}

async function rowsOf(world: TestWorld, query: ReturnType<typeof sql>) {
  const { rows } = await world.database.asOwner((db) => query.execute(db));
  return rows.map((row) => Object(row));
}

/** Lets the model hand over whoever mentions a refund. */
function handOverRefunds(world: TestWorld) {
  world.simulator.models.script(({ texts, tools }) =>
    /refund/.test(texts.join(" ")) && tools.includes("hand_over_to_human")
      ? {
          toolCalls: [
            {
              name: "hand_over_to_human",
              input: { reason: "cannot help", summary: "Wants a refund of order 7." },
            },
          ],
        }
      : undefined,
  );
}

test("the model hands over: the customer is told, the bot falls silent, and colleagues get note and alert", async () => {
  await using slack = await startSlack();
  await using world = await startWorld({ SLACK_WEBHOOK_URL: slack.url });
  const { phoneNumberId } = await world.createChatbot();
  handOverRefunds(world);

  says(world, phoneNumberId, ["ana", "I want a refund"]);

  const reply = await world.simulator.nextReply("ana");
  expect(reply.text).toMatch(HANDED_OVER);
  const post = JSON.stringify(await slack.nextPost());
  expect(post).toMatch(/A customer waits for a person.*conversation show/);
  expect(post).not.toMatch(/refund|order 7/);
  await says(world, phoneNumberId, ["ana", "It was the blue one"]).acknowledged;
  await world.restart(); // nothing is under way any more
  expect(world.simulator.sent).toHaveLength(1);
  expect(world.simulator.models.requests()).toHaveLength(1); // none to word the goodbye
  expect(await rowsOf(world, sql`select kind, reason, content from conversation_notes`)).toEqual([
    { kind: "handoff", reason: "cannot help", content: "Wants a refund of order 7." },
  ]);
  const [conversation] = await rowsOf(
    world,
    sql`select status, paused_reason, round(extract(epoch from paused_until - now()) / 60)::integer as minutes
      from conversations`,
  );
  expect(conversation).toEqual({ status: "human", paused_reason: "handoff", minutes: 720 });
  expect(await rowsOf(world, sql`select author, content from messages order by id`)).toMatchObject([
    { author: "customer", content: "I want a refund" },
    { author: "bot", content: expect.stringMatching(HANDED_OVER) },
    { author: "customer", content: "It was the blue one" },
  ]);
});

test("two customers who are handed over within an hour are two alerts", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  handOverRefunds(world);

  for (const customer of ["ana", "robin"]) {
    says(world, phoneNumberId, [customer, "A refund, please"]);
    await world.simulator.nextReply(customer);
  }
  await world.restart();

  expect(await rowsOf(world, sql`select alert_type, occurrences from system_alerts`)).toEqual([
    { alert_type: "handoff", occurrences: 1 },
    { alert_type: "handoff", occurrences: 1 },
  ]);
});

test("a process that stops between the model's decision and the sentence repeats neither", async () => {
  await using world = await startWorld({ SEND_OUTCOME_WAIT_MS: "300" });
  const { phoneNumberId } = await world.createChatbot();
  handOverRefunds(world);
  world.simulator.setFaults({ graph: { next: ["server-error", "drop-after"] } });

  says(world, phoneNumberId, ["ana", "I want a refund"]);
  await world.simulator.waitFor(() => world.simulator.models.requests().length === 1);
  await world.restart();

  await world.simulator.nextReply("ana", { timeoutMs: 20_000 });
  await expect
    .poll(() => rowsOf(world, sql`select status from turns where handler = 'conversation'`), {
      timeout: 20_000,
    })
    .toEqual([{ status: "done" }]);
  expect(world.simulator.sent).toHaveLength(1);
  expect(world.simulator.models.requests()).toHaveLength(1);
  expect(await rowsOf(world, sql`select kind from conversation_notes`)).toHaveLength(1);
  expect(await rowsOf(world, sql`select occurrences from system_alerts`)).toEqual([
    { occurrences: 1 },
  ]);
});

test("a turn that waits while a colleague takes over pays no model call", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot({ replyDelayMs: 400 });

  await says(world, phoneNumberId, ["ana", "Hello"]).acknowledged;
  await world.database.asOwner((db) =>
    sql`update conversations set status = 'human', paused_reason = 'operator'`.execute(db),
  );

  await expect
    .poll(() => rowsOf(world, sql`select status from turns where handler = 'conversation'`), {
      timeout: 10_000,
    })
    .toEqual([{ status: "skipped" }]);
  expect(world.simulator.models.requests()).toHaveLength(0);
});
