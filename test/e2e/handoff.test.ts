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

test.each([
  ["models", sql`select 1 from mailboxes where handler = 'conversation' and owner is not null`],
  ["graph", sql`select 1 from outbound_messages where state = 'sending'`],
] as const)(
  "a worker that is taken for dead during its call of the %s hands over once with its successor",
  async (slow, isUnderWay) => {
    await using world = await startHandoffWorld({ SEND_OUTCOME_WAIT_MS: "3000" });
    world.simulator.setFaults({ [slow]: { delayMs: 700 } });

    void world.says("ana", "I want a refund");
    await world.simulator.waitFor(() => world.simulator.models.requests().length === 1);
    await expect.poll(() => world.rowsOf(isUnderWay)).toHaveLength(1);
    // What the others do when a worker is gone, as mailbox_sweep does.
    await world.rowsOf(
      sql`update mailboxes set owner = null, fence = fence + 1, run_at = now() where handler = 'conversation'`,
    );

    await expect
      .poll(
        () => world.rowsOf(sql`select status, attempt from turns where handler = 'conversation'`),
        {
          timeout: 20_000,
        },
      )
      .toEqual([{ status: "done", attempt: 2 }]);
    expect(world.simulator.sent).toHaveLength(1);
    expect(world.texts()[0]).toMatch(HANDED_OVER);
    expect(await world.rowsOf(sql`select kind from conversation_notes`)).toHaveLength(1);
    expect(await world.rowsOf(sql`select occurrences from system_alerts`)).toEqual([
      { occurrences: 1 },
    ]);
  },
);

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

test("who asks for a person gets one without a model call, in the language of the wish", async () => {
  await using world = await startHandoffWorld();

  await world.says("ana", "Quero falar com uma pessoa");

  expect((await world.simulator.nextReply("ana")).text).toMatch(/^Vou passar a sua conversa/);
  await world.restart();
  expect(world.simulator.models.requests()).toHaveLength(0);
  expect(await world.rowsOf(sql`select reason, content from conversation_notes`)).toEqual([
    { reason: "asked", content: expect.stringContaining("Quero falar com uma pessoa") },
  ]);
  const [usage] = await world.rowsOf(
    sql`select current_period_messages as messages from usage_summary`,
  );
  expect(usage).toEqual({ messages: 0 });
});

test("a chatbot that is told not to hand over leaves it to the model, without the tool", async () => {
  await using world = await startHandoffWorld();
  await world.parley("chatbot update Test --handoff off");

  await world.says("ana", "I want to talk to a person");

  expect((await world.simulator.nextReply("ana")).text).toContain("You said");
  expect(world.simulator.models.requests()[0]?.tools).not.toContain("hand_over_to_human");
});

test("a chatbot's own words hand over, and its own time is how long", async () => {
  await using world = await startHandoffWorld();
  await world.parley(
    'chatbot update Test --handoff-timeout-minutes 30 --handoff-keywords "the boss, front desk"',
  );

  await world.says("ana", "get me the boss");

  expect((await world.simulator.nextReply("ana")).text).toMatch(HANDED_OVER);
  await expect
    .poll(() =>
      world.rowsOf(
        sql`select round(extract(epoch from paused_until - now()) / 60)::integer as minutes from conversations`,
      ),
    )
    .toEqual([{ minutes: 30 }]);
});

test("the third failure in a row is a colleague's", async () => {
  await using world = await startHandoffWorld();
  world.simulator.setFaults({ models: { always: "invalid-key" } });

  for (const text of ["Hello", "Anybody there?", "And now?"]) {
    await world.says("ana", text);
    await world.simulator.nextReply("ana");
  }
  await world.restart();

  expect(world.texts()).toEqual([
    "Sorry, I cannot answer right now.",
    "Sorry, I cannot answer right now.",
    expect.stringMatching(
      /^Sorry, I cannot answer right now\.\n\nI am passing this on to a colleague/,
    ),
  ]);
  expect(await world.rowsOf(sql`select status, paused_reason from conversations`)).toEqual([
    { status: "human", paused_reason: "handoff" },
  ]);
  expect(
    await world.rowsOf(sql`select alert_type, occurrences from system_alerts order by alert_type`),
  ).toEqual([
    { alert_type: "handoff", occurrences: 1 },
    { alert_type: "turn_failed", occurrences: 3 },
  ]);
});

test("customers who keep writing while they are handed over get one sentence each, and no turn fails", async () => {
  await using world = await startHandoffWorld();
  const { simulator, phoneNumberId } = world;
  const customers = Array.from({ length: 20 }, (_, index) => `+44770090${String(1_000 + index)}`);
  const write = (customer: string, text: string) =>
    simulator.customerSends({
      phoneNumberId,
      customer: { id: customer, name: customer, phone: customer },
      content: { type: "text", text },
    });

  for (const text of ["I want a refund", "It is urgent", "STOP", "Hello?", "START", "Anybody?"])
    for (const customer of customers) write(customer, text);
  const isQuiet = async () => {
    const [row] = await world.rowsOf(
      sql`select (select count(*) from messages where direction = 'inbound')::integer as inbound,
        (select count(*) from mailboxes where key like 'conversation:%' and last_seq > done_seq)::integer as waiting`,
    );
    return row;
  };
  await expect.poll(isQuiet, { timeout: 40_000 }).toEqual({ inbound: 120, waiting: 0 });

  const handovers = simulator.sent.filter(({ text }) => HANDED_OVER.test(text));
  expect(handovers).toHaveLength(20);
  expect(new Set(handovers.map(({ body }) => JSON.stringify(Object(body).to))).size).toBe(20);
  expect(await world.rowsOf(sql`select id from turns where status = 'failed'`)).toEqual([]);
  expect(
    await world.rowsOf(
      sql`select count(*)::integer as notes from conversation_notes where kind = 'handoff'`,
    ),
  ).toEqual([{ notes: 20 }]);
});

test("when two contacts turn out to be one person, the handoff and its note go along", async () => {
  await using world = await startHandoffWorld();
  const { simulator, phoneNumberId } = world;
  const [phone, userId] = ["+447700901234", "GB.1234567890"];
  const write = async (who: { phone?: string; userId?: string }, text: string) => {
    const customer = { id: Object.values(who).join(), name: "Kim", ...who };
    await simulator.customerSends({ phoneNumberId, customer, content: { type: "text", text } })
      .acknowledged;
    return customer.id;
  };

  await simulator.nextReply(await write({ phone }, "Hello"));
  await simulator.nextReply(await write({ userId }, "I want to talk to a person"));
  await expect
    .poll(() => world.rowsOf(sql`select kind from conversation_notes`))
    .toEqual([{ kind: "handoff" }]);
  await write({ phone, userId }, "Are you there?");
  await world.restart();

  expect(
    await world.rowsOf(
      sql`select c.status, (select count(*)::integer from conversation_notes n where n.conversation_id = c.id) as notes
        from conversations c order by c.id`,
    ),
  ).toEqual([
    { status: "human", notes: 1 },
    { status: "merged", notes: 0 },
  ]);
  expect(simulator.sent).toHaveLength(2);
});

test("a handoff that had begun to be told is finished, whoever has the conversation by then", async () => {
  await using world = await startHandoffWorld({ SEND_OUTCOME_WAIT_MS: "60000" });
  world.simulator.setFaults({ graph: { next: ["drop-before"] } });
  void world.says("ana", "I want to talk to a human");
  await expect
    .poll(
      () =>
        world.rowsOf(sql`select 1 from mailboxes where owner is null and handler = 'conversation'
          and last_seq > done_seq and exists (select from outbound_messages where state = 'sending')`),
      { timeout: 10_000 },
    )
    .toHaveLength(1);
  await world.rowsOf(
    sql`update conversations set status = 'human', paused_until = now() + interval '1 hour'`,
  );
  await world.rowsOf(
    sql`update outbound_messages set handed_over_at = now() - interval '2 minutes'`,
  );
  await world.rowsOf(sql`update mailboxes set run_at = now() where handler = 'conversation'`);

  await world.restart();

  expect((await world.simulator.nextReply("ana")).text).toMatch(HANDED_OVER);
  await world.restart();
  expect(await world.rowsOf(sql`select status from turns where handler = 'conversation'`)).toEqual([
    { status: "done" },
  ]);
  expect(await world.rowsOf(sql`select prompt_version from messages where author = 'bot'`)).toEqual(
    [{ prompt_version: null }],
  );
});
