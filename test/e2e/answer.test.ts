import { sql } from "kysely";
import { expect, test } from "vitest";
import { startWorld } from "../support/start-world.ts";

test("a message is answered once, by one model call", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();

  world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "text", text: "Hello!" },
  });

  const reply = await world.simulator.nextReply("ana");
  expect(reply.body).toMatchObject({ text: { body: expect.stringContaining("Hello!") } });
  expect(world.simulator.models.requests()).toHaveLength(1);
});

test.each([
  { model: "openai:gpt-4o-mini", price: "known" },
  { model: "openai:gpt-of-tomorrow", price: "unknown" },
])(
  "an answer's cost is logged with its tokens, and is $price for $model",
  async ({ model, price }) => {
    await using world = await startWorld();
    const { phoneNumberId } = await world.createChatbot({ model });

    world.simulator.customerSends({
      phoneNumberId,
      customer: "ana",
      content: { type: "text", text: "Hello!" },
    });
    await world.simulator.nextReply("ana");
    await world.restart(); // the turn has ended

    const { rows } = await world.database.asOwner((db) =>
      sql`select model, currency, cost_micros::float as cost, ceil(0.15 * tokens_prompt + 0.6 * tokens_completion)::float as known
      from usage_logs`.execute(db),
    );
    const [row] = rows.map((each) => Object(each));
    expect(row).toMatchObject({ model, currency: "USD" });
    expect(row.cost).toBe(price === "known" ? row.known : null);
  },
);

test("five texts in a row become one model call that holds all five in order, and one reply", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot({ replyDelayMs: 300 });

  for (const text of ["one", "two", "three", "four", "five"])
    await world.simulator.customerSends({
      phoneNumberId,
      customer: "ana",
      content: { type: "text", text },
    }).acknowledged;

  await world.simulator.nextReply("ana");
  const [request] = world.simulator.models.requests();
  expect(JSON.stringify(request?.body)).toMatch(/one.*two.*three.*four.*five/s);
  expect(world.simulator.models.requests()).toHaveLength(1);
  expect(world.simulator.sent).toHaveLength(1);
});

test("a message that comes while the model thinks discards the draft, and one reply covers both", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  const send = (text: string) =>
    world.simulator.customerSends({
      phoneNumberId,
      customer: "ana",
      content: { type: "text", text },
    });
  world.simulator.setFaults({ models: { delayMs: 300 } });

  send("A pizza, please");
  await world.simulator.waitFor(() => world.simulator.models.requests().length === 1);
  send("No, a salad");

  const reply = await world.simulator.nextReply("ana");
  expect(JSON.stringify(world.simulator.models.requests()[1]?.body)).toMatch(/pizza.*salad/s);
  expect(reply.body).toMatchObject({ text: { body: expect.stringContaining("salad") } });
  expect(world.simulator.sent).toHaveLength(1);
});

test("a redelivered webhook is answered once", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  world.simulator.setFaults({ webhooks: { duplicates: 5 } });

  world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "text", text: "Hi" },
  });
  await world.simulator.nextReply("ana");
  world.simulator.clearFaults();
  world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "text", text: "Bye" },
  });
  await world.simulator.nextReply("ana");

  expect(world.simulator.sent).toHaveLength(2);
});

test("a person without a phone number is answered by user id", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();

  world.simulator.customerSends({
    phoneNumberId,
    customer: "robin",
    content: { type: "text", text: "Hi" },
  });

  const reply = await world.simulator.nextReply("robin");
  expect(reply.body).toMatchObject({ recipient: "GB.9055127730418862" });
});
