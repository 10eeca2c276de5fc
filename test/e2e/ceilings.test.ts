import { sql } from "kysely";
import { expect, test } from "vitest";
import type { TestChatbot } from "../support/create-test-chatbot.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";

const MODEL = "openai:gpt-4o-mini";

async function ask(world: TestWorld, { phoneNumberId }: TestChatbot, text: string) {
  world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "text", text },
  });
  return (await world.simulator.nextReply("ana")).text;
}

const chats = (world: TestWorld) =>
  world.simulator.models.requests().filter(({ kind }) => kind === "chat");

const set = (world: TestWorld, { chatbotId }: TestChatbot, settings: object) =>
  world.database.asOwner((db) =>
    sql`update chatbots set settings = settings || ${JSON.stringify(settings)}::jsonb,
      system_prompt = 'Be kind.' where id = ${chatbotId}`.execute(db),
  );

test("a chatbot that has spent its month answers with its fallback sentence without a model call, until the ceiling is raised", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot({ model: MODEL });
  await set(world, chatbot, { monthlySpendCeilingMicros: 1 });

  expect(await ask(world, chatbot, "one")).toContain("one");
  expect(await ask(world, chatbot, "two")).toBe("Sorry, I cannot answer right now.");
  expect(chats(world)).toHaveLength(1);

  await set(world, chatbot, { monthlySpendCeilingMicros: 1_000_000 });
  expect(await ask(world, chatbot, "three")).toContain("three");
  await world.restart(); // the turns have ended

  const { rows } = await world.database.asOwner((db) =>
    sql`select (select count(*)::integer from usage_logs) as logged, u.current_period_messages as messages,
      (s.spent_micros = (select sum(cost_micros) from usage_logs)) as is_all_spent,
      (select string_agg(alert_type, ' ') from system_alerts) as alerts
      from usage_summary u join chatbot_spend s using (organization_id)`.execute(db),
  );
  expect(rows).toEqual([
    { logged: 2, messages: 2, is_all_spent: true, alerts: "spend_ceiling_reached" },
  ]);
});

test("a turn that has cost what it may calls no tool any more and ends with an honest answer", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot({ model: MODEL });
  await world.learn(chatbot, { name: "Hours", text: "The bakery opens at seven." });
  await set(world, chatbot, { turnSpendCeilingMicros: 1 });
  world.simulator.models.script(({ kind, body, order }) =>
    kind === "chat" && !JSON.stringify(body).includes('"tool_choice":"none"')
      ? { toolCalls: [{ name: "search_knowledge_base", input: { query: `opening ${order}` } }] }
      : "I could not look that up.",
  );

  expect(await ask(world, chatbot, "When do you open?")).toBe("I could not look that up.");

  expect(chats(world)).toHaveLength(2);
  expect(JSON.stringify(chats(world)[1]?.turns.at(-1))).toContain("say honestly");
});

test("what hearing a voice message has cost counts to what its turn may cost", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot({ model: "openai:gpt-99" }); // of unknown price
  await world.learn(chatbot, { name: "Hours", text: "The bakery opens at seven." });
  await set(world, chatbot, { turnSpendCeilingMicros: 100 });
  world.simulator.models.script(({ kind, body, order }) => {
    if (kind !== "chat") return undefined;
    return JSON.stringify(body).includes('"tool_choice":"none"')
      ? `Call ${order}`
      : { toolCalls: [{ name: "search_knowledge_base", input: { query: `opening ${order}` } }] };
  });
  world.simulator.customerSends({
    phoneNumberId: chatbot.phoneNumberId,
    customer: "ana",
    content: { type: "audio", says: "When do you open please" }, // 2 s, 100 millionths of a dollar
  });
  await world.simulator.nextReply("ana");

  expect(chats(world)).toHaveLength(1);
});

test("a chatbot that has spent its month pays for no transcript, and a transcript is part of what it spends", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot({ model: MODEL });
  await set(world, chatbot, { monthlySpendCeilingMicros: 1 });
  const speak = async (says: string) => {
    world.simulator.customerSends({
      phoneNumberId: chatbot.phoneNumberId,
      customer: "ana",
      content: { type: "audio", says },
    });
    return (await world.simulator.nextReply("ana")).text;
  };
  await speak("one two three four five");
  expect(await speak("six seven eight")).toBe("Sorry, I cannot answer right now.");

  const asked = world.simulator.models.requests().map(({ kind }) => kind);
  expect(asked.filter((kind) => kind === "transcription")).toHaveLength(1);
  await world.restart(); // the turns have ended
  const { rows } = await world.database.asOwner((db) =>
    sql`select s.spent_micros = (select sum(cost_micros) from usage_logs) as is_all_spent,
      (select count(*)::integer from usage_logs where kind = 'transcription') as transcripts
      from chatbot_spend s`.execute(db),
  );
  expect(rows).toEqual([{ is_all_spent: true, transcripts: 1 }]);
});
