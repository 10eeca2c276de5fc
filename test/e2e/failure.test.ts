import { sql } from "kysely";
import { expect, test } from "vitest";
import { startSlack } from "../support/start-slack.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";

const hello = { type: "text", text: "Hello" } as const;

async function turnsOf(world: TestWorld) {
  const { rows } = await world.database.asOwner((db) =>
    sql<{ status: string; error_code: string | null; attempt: number }>`
      select status, error_code, attempt from turns where handler = 'conversation' order by finished_at`.execute(
      db,
    ),
  );
  return rows;
}

test("a model that fails twice is asked again, and the customer gets the answer", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  world.simulator.setFaults({ models: { next: ["server-error", "server-error"] } });

  world.simulator.customerSends({ phoneNumberId, customer: "ana", content: hello });

  const reply = await world.simulator.nextReply("ana");
  expect(reply.body).toMatchObject({ text: { body: expect.stringContaining("Hello") } });
});

test("a model that stays down ends in the configured sentence, an alert and a Slack message", async () => {
  await using slack = await startSlack();
  await using world = await startWorld({ SLACK_WEBHOOK_URL: slack.url });
  const { phoneNumberId, organizationId } = await world.createChatbot();
  world.simulator.setFaults({ models: { always: "invalid-key" } });

  world.simulator.customerSends({ phoneNumberId, customer: "ana", content: hello });

  const reply = await world.simulator.nextReply("ana");
  expect(reply.body).toMatchObject({ text: { body: "Sorry, I cannot answer right now." } });
  const post = await slack.nextPost();
  expect(JSON.stringify(post)).toContain("MODEL_KEY_INVALID");
  expect(JSON.stringify(post)).not.toContain("Hello");
  const { rows } = await world.database.asOwner((db) =>
    sql`select severity, alert_type, error_code, organization_id from system_alerts`.execute(db),
  );
  expect(rows).toEqual([
    {
      severity: "critical",
      alert_type: "turn_failed",
      error_code: "MODEL_KEY_INVALID",
      organization_id: organizationId,
    },
  ]);
  expect(await turnsOf(world)).toMatchObject([
    { status: "failed", error_code: "MODEL_KEY_INVALID" },
  ]);
});

test("when the first model fails, the chatbot's fallback model answers", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot({
    model: "openai:test",
    fallbackModel: "demo:extractive",
  });
  world.simulator.setFaults({ models: { always: "invalid-key" } });

  world.simulator.customerSends({ phoneNumberId, customer: "ana", content: hello });

  const reply = await world.simulator.nextReply("ana");
  expect(reply.body).toMatchObject({ text: { body: expect.stringMatching(/hello/i) } });
});

test("a Graph API that answers 500 and 429 gets the reply again later, without a second model call", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  world.simulator.setFaults({ graph: { next: ["server-error", "number-rate-limit"] } });

  world.simulator.customerSends({ phoneNumberId, customer: "ana", content: hello });

  await world.simulator.nextReply("ana", { timeoutMs: 20_000 });
  expect(world.simulator.sent).toHaveLength(1);
  expect(world.simulator.models.requests()).toHaveLength(1);
});

test("a reply in parts goes on where WhatsApp refused one, soon, in order and each part once", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();
  const paragraphs = ["First", "Second", "Third"].map((word) => `${word} ${"words ".repeat(600)}`);
  world.simulator.models.script(() => ({ text: paragraphs.join("\n\n") }));

  world.simulator.customerSends({ phoneNumberId, customer: "ana", content: hello });
  await world.simulator.nextReply("ana");
  world.simulator.setFaults({ graph: { next: ["number-rate-limit"] } });

  await world.simulator.waitFor(() => world.simulator.sent.length === 3, 20_000);
  expect(world.simulator.faults().graph.next).toEqual([]);
  expect(world.simulator.sent.map(({ text }) => text.split(" ")[0])).toEqual([
    "First",
    "Second",
    "Third",
  ]);
  expect(world.simulator.models.requests()).toHaveLength(1);
});

test("a reply whose answer got lost is not sent again once its status webhook tells that it was sent", async () => {
  await using world = await startWorld({ SEND_OUTCOME_WAIT_MS: "60000" });
  const { phoneNumberId } = await world.createChatbot();
  world.simulator.setFaults({ graph: { next: ["drop-after"] } });

  world.simulator.customerSends({ phoneNumberId, customer: "ana", content: hello });
  await world.simulator.nextReply("ana");
  world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "text", text: "And now?" },
  });
  await world.simulator.nextReply("ana");

  expect(world.simulator.sent).toHaveLength(2);
  expect((await turnsOf(world))[0]).toMatchObject({ status: "done", error_code: null });
});

test("a reply that was dropped before WhatsApp took it is sent again when no status comes", async () => {
  await using world = await startWorld({ SEND_OUTCOME_WAIT_MS: "300" });
  const { phoneNumberId } = await world.createChatbot();
  world.simulator.setFaults({ graph: { next: ["drop-before"] } });

  world.simulator.customerSends({ phoneNumberId, customer: "ana", content: hello });

  await world.simulator.nextReply("ana");
  expect(world.simulator.sent).toHaveLength(1);
  expect(world.simulator.models.requests()).toHaveLength(1);
});

test("an expired access token fails the turn at once, visibly, with a critical alert", async () => {
  await using slack = await startSlack();
  await using world = await startWorld({ SLACK_WEBHOOK_URL: slack.url });
  const { phoneNumberId } = await world.createChatbot();
  world.simulator.setFaults({ graph: { always: "invalid-token" } });

  world.simulator.customerSends({ phoneNumberId, customer: "ana", content: hello });

  expect(JSON.stringify(await slack.nextPost())).toContain("WHATSAPP_TOKEN_INVALID");
  expect(await turnsOf(world)).toMatchObject([
    { status: "failed", error_code: "WHATSAPP_TOKEN_INVALID", attempt: 1 },
  ]);
});
