import { expect, test } from "vitest";
import { startToolServer } from "#tools/http/tool-server-for-tests.ts";
import { giveTool } from "../support/give-tool.ts";
import { picture } from "../support/media-rows.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";
import { ask, BOOKING, rowsOf, TOOL_SETTINGS } from "../support/tool-world.ts";

/** The agent over the real clients of four providers, to servers that speak each one's real endpoints. */
const MODELS = [
  // beside each, what its requests are told apart by: /responses, /chat/completions, :generateContent, /messages
  ["openai:test", { provider: "openai", field: "input" }],
  ["openai-compatible:test", { provider: "openai", field: "messages" }],
  ["google:test", { provider: "gemini", field: "contents" }],
  ["anthropic:test", { provider: "anthropic", field: "max_tokens" }],
] as const;

const CALL = { name: "book_table", input: { day: "Monday", table: 4 } };

async function startShop(world: TestWorld, model: string) {
  const server = await startToolServer();
  const chatbot = await world.createChatbot({ model });
  await giveTool(world.database, chatbot, {
    provider: "http",
    name: "book_table",
    settings: { method: "POST", url: `${server.url}/bookings` },
    toolConfig: { parameters: BOOKING },
  });
  server.answerWith(() => ({ body: { booking: 42 } }));
  return { server, chatbot };
}

/** The one row of usage of the turn, which commits after the reply, holds what the provider has counted. */
async function expectUsageAsCounted(world: TestWorld): Promise<void> {
  const logged = async () =>
    (await rowsOf(world, "usage_logs")).map((row) => ({
      inputTokens: row["tokens_prompt"],
      outputTokens: row["tokens_completion"],
    }));
  await expect.poll(logged, { timeout: 20_000 }).toEqual([world.simulator.models.counted()]);
}

test.for(MODELS)(
  "%s calls tools, two at once, and answers with both results",
  async ([model, spoken]) => {
    await using world = await startWorld(TOOL_SETTINGS);
    const { server, chatbot } = await startShop(world, model);
    await using _ = server;
    world.simulator.models.queue(
      { text: "One moment.", toolCalls: [CALL, { ...CALL, input: { day: "Sunday" } }] },
      "Both are booked.",
    );

    const reply = await ask(world, chatbot);

    expect(reply.text).toBe("Both are booked.");
    expect(server.requests.map(({ body }) => JSON.parse(body)).toSorted(byDay)).toEqual([
      { day: "Monday", table: 4 },
      { day: "Sunday" },
    ]);
    const [first, second, ...more] = world.simulator.models.requests();
    expect(more).toEqual([]);
    expect(first?.provider).toBe(spoken.provider);
    expect(first?.body).toHaveProperty(spoken.field);
    expect(first?.tools).toContain("book_table");
    const results = second?.turns
      .filter(({ role }) => role === "tool")
      .flatMap(({ texts }) => texts);
    expect(results).toHaveLength(2);
    for (const result of results ?? []) expect(result).toContain("42");
    await expectUsageAsCounted(world);
  },
);

const byDay = (one: { day: string }, other: { day: string }) => one.day.localeCompare(other.day);

test.for(MODELS)("%s is asked five times at most, and its last words are sent", async ([model]) => {
  await using world = await startWorld(TOOL_SETTINGS);
  const { server, chatbot } = await startShop(world, model);
  await using _ = server;
  world.simulator.models.script(({ order }) => ({ text: `Words ${order}`, toolCalls: [CALL] }));

  const reply = await ask(world, chatbot);

  expect(reply.text).toBe("Words 5");
  expect(world.simulator.models.requests()).toHaveLength(5);
  expect(server.requests).toHaveLength(4);
  await expectUsageAsCounted(world);
});

test.for(MODELS)("a failing tool is told to %s, which still answers", async ([model]) => {
  await using world = await startWorld(TOOL_SETTINGS);
  const { server, chatbot } = await startShop(world, model);
  await using _ = server;
  server.answerWith(() => ({ status: 500, body: "no" }));
  world.simulator.models.queue({ toolCalls: [CALL] }, "I could not book it.");

  const reply = await ask(world, chatbot);

  expect(reply.text).toBe("I could not book it.");
  const results = world.simulator.models
    .requests()[1]
    ?.turns.filter(({ role }) => role === "tool")
    .flatMap(({ texts }) => texts);
  expect(results?.join()).toMatch(/error|failed|answered/i);
});

test.for(MODELS)("%s still has the picture when it goes on after a tool", async ([model]) => {
  await using world = await startWorld(TOOL_SETTINGS);
  const { server, chatbot } = await startShop(world, model);
  await using _ = server;
  await world.database.asOwner((db) =>
    db
      .updateTable("chatbots")
      .set({ settings: { images: "yes" } })
      .execute(),
  );
  world.simulator.models.queue({ toolCalls: [CALL] }, "Booked for the people in the picture.");

  world.simulator.customerSends({
    phoneNumberId: chatbot.phoneNumberId,
    customer: "ana",
    content: {
      type: "image",
      base64: picture("us").toString("base64"),
      mimeType: "image/png",
      caption: "A table for us",
    },
  });

  expect((await world.simulator.nextReply("ana")).text).toBe(
    "Booked for the people in the picture.",
  );
  const requests = world.simulator.models.requests();
  expect(requests).toHaveLength(2);
  for (const { images } of requests)
    expect(images).toEqual([{ mimeType: "image/png", base64: picture("us").toString("base64") }]);
});
