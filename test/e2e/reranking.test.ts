import { sql } from "kysely";
import { expect, test } from "vitest";
import { asTenant } from "#store/as-tenant.ts";
import { updateChatbot } from "#store/chatbots.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";

const PAGES = [
  { name: "Hours", text: "The bakery opens at seven and closes at six." },
  { name: "Parking", text: "Guests of the bakery park behind the house, which opens at eight." },
  { name: "Cakes", text: "The bakery bakes cakes to order, in two days." },
];

/** A chatbot that searches before each answer, and lets a model put in order what it finds. */
async function createChatbot(world: TestWorld) {
  const chatbot = await world.createChatbot();
  await asTenant(world.database.db, chatbot.organizationId, (tenant) =>
    updateChatbot(tenant, chatbot.chatbotId, {
      retrieval: "always",
      rerankingModel: "cohere:rerank-v3.5",
    }),
  );
  for (const page of PAGES) await world.learn(chatbot, page);
  const ask = async (body: string) => {
    world.simulator.customerSends({
      phoneNumberId: chatbot.phoneNumberId,
      customer: "ana",
      content: { type: "text", text: body },
    });
    const reply = await world.simulator.nextReply("ana");
    await world.restart(); // the turn has ended
    return reply;
  };
  const reranked = async () => {
    const { rows } = await world.database.asOwner((db) =>
      sql`select model, tokens_total > 0 as counts, turn_id is not null as is_of_turn
        from usage_logs where kind = 'reranking'`.execute(db),
    );
    return rows;
  };
  return { ask, reranked };
}

test("a re-ranking model puts passages in order before the model answers, and is logged", async () => {
  await using world = await startWorld();
  const { ask, reranked } = await createChatbot(world);

  await ask("When does the bakery open? Where do guests park behind the house?");

  const [ranking, answer] = world.simulator.models.requests();
  expect(ranking).toMatchObject({ kind: "reranking", provider: "cohere", model: "rerank-v3.5" });
  expect(ranking?.texts).toHaveLength(PAGES.length);
  expect(ranking?.texts).toContain("Hours\nThe bakery opens at seven and closes at six.");
  const told = JSON.stringify(answer?.body);
  expect(told.indexOf("Guests of the bakery")).toBeGreaterThan(0);
  expect(told.indexOf("Guests of the bakery")).toBeLessThan(told.indexOf("cakes to order"));
  expect(await reranked()).toEqual([
    { model: "cohere:rerank-v3.5", counts: true, is_of_turn: true },
  ]);
});

test.for(["hang", "server-error", "garbage"] as const)(
  "a re-ranking model that fails (%s) keeps nobody waiting: the order of before counts",
  async (fault) => {
    await using world = await startWorld({ RERANKING_TIMEOUT_MS: "100" });
    const { ask, reranked } = await createChatbot(world);
    world.simulator.setFaults({ models: { next: [fault] } });

    const reply = await ask("When does the bakery open?");

    expect(reply.text).toContain("When does the bakery open?"); // the model's echo
    const told = JSON.stringify(world.simulator.models.requests()[1]?.body);
    expect(told).toContain("opens at seven");
    expect(await reranked()).toEqual([]);
  },
);

test("what the searches of a failed turn cost is logged too", async () => {
  await using world = await startWorld();
  const { ask, reranked } = await createChatbot(world);
  world.simulator.models.script(() => {
    world.simulator.setFaults({ models: { always: "invalid-key" } }); // from the second call on
    return { toolCalls: [{ name: "send_link", input: {} }] };
  });

  await ask("When does the bakery open?");

  expect(await reranked()).toEqual([
    { model: "cohere:rerank-v3.5", counts: true, is_of_turn: true },
  ]);
});
