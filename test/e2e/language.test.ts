import { sql } from "kysely";
import { expect, test } from "vitest";
import { PromptContent } from "#domain/prompt-content.ts";
import { asTenant } from "#store/as-tenant.ts";
import { publishPrompt, savePromptDraft } from "#store/prompt-versions.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";

const HANDBOOK = {
  name: "Bakery handbook",
  text: "# Opening hours\n\nThe bakery opens at seven in the morning and closes at six in the evening.\n\n# Parking\n\nGuests park behind the bakery, for two hours and without a ticket.\n\n# Orders\n\nCakes are ordered three days before, with a picture of how they should look.",
};
const ASKED = "Fırın sabah saat kaçta açılıyor acaba?";
const TRANSLATED = "When does the bakery open in the morning?";

async function say(world: TestWorld, phoneNumberId: string, text: string) {
  world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "text", text },
  });
  return world.simulator.nextReply("ana");
}

async function rowsOf(world: TestWorld, query: string) {
  await world.restart(); // the turn has ended
  return world.database.asOwner(async (db) => {
    const { rows } = await sql.raw<Record<string, unknown>>(query).execute(db);
    return rows;
  });
}

function set(world: TestWorld, chatbotId: string, change: string) {
  return world.database.asOwner((db) =>
    sql`update chatbots set ${sql.raw(change)} where id = ${chatbotId}`.execute(db),
  );
}

test("the language of whole sentences is kept, and neither a thanks nor an emoji changes it", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();

  await say(world, phoneNumberId, "Merhaba, siparişim nerede acaba?");
  await say(world, phoneNumberId, "ok thanks");
  await say(world, phoneNumberId, "👍");

  expect(await rowsOf(world, "select language from contacts")).toEqual([{ language: "tr" }]);
  const asked = world.simulator.models.requests().map(({ system }) => system);
  expect(asked.map((system) => system.includes("answer in Turkish"))).toEqual([true, true, true]);
});

test("a customer who goes on in another language is answered in that one", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();

  await say(world, phoneNumberId, "Merhaba, siparişim nerede acaba?");
  await say(world, phoneNumberId, "Sorry, I meant to ask in English: where is my order?");

  expect(await rowsOf(world, "select language from contacts")).toEqual([{ language: "en" }]);
  expect(world.simulator.models.requests().at(-1)?.system).toContain("answer in English");
});

test("what a voice message says tells the language too", async () => {
  await using world = await startWorld();
  const { phoneNumberId } = await world.createChatbot();

  world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "audio", says: "Guten Tag, ich möchte wissen, wann meine Bestellung kommt." },
  });
  await world.simulator.nextReply("ana");

  const asked = world.simulator.models.requests().filter(({ kind }) => kind === "chat");
  expect(asked[0]?.system).toContain("answer in German");
  expect(await rowsOf(world, "select language from contacts")).toEqual([{ language: "de" }]);
});

test("a chatbot that is limited to some languages answers in its first where it must", async () => {
  await using world = await startWorld();
  const { phoneNumberId, chatbotId, organizationId } = await world.createChatbot();
  await asTenant(world.database.db, organizationId, async (tenant) => {
    const content = PromptContent.parse({ languages: ["de", "en"] });
    const version = { chatbotId, content, author: "test", note: "" };
    await publishPrompt(tenant, chatbotId, await savePromptDraft(tenant, organizationId, version));
  });

  await say(world, phoneNumberId, "Merhaba, siparişim nerede acaba?");

  expect(world.simulator.models.requests()[0]?.system).toContain(
    "The business answers in German and English only. Answer in German",
  );
});

test("the sentence of a failed turn is in the customer's language, unless the business has its own", async () => {
  await using world = await startWorld();
  const { phoneNumberId, chatbotId } = await world.createChatbot();
  await set(world, chatbotId, "failure_message = null");
  world.simulator.setFaults({ models: { always: "invalid-key" } });

  const apology = await say(world, phoneNumberId, "مرحبا، متى يصل طلبي من فضلكم؟");
  expect(apology.text).toBe("عذرًا، لا يمكنني الرد الآن. يُرجى المحاولة مرة أخرى بعد بضع دقائق.");
  expect(await rowsOf(world, "select language from contacts")).toEqual([{ language: "ar" }]);

  await set(world, chatbotId, "failure_message = 'Call us.'");
  expect((await say(world, phoneNumberId, "هل أنتم هنا؟")).text).toBe("Call us.");
});

test("a Turkish question finds the passage of an English document by its translation", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  await world.learn(chatbot, HANDBOOK);
  await set(
    world,
    chatbot.chatbotId,
    `settings = '{"retrieval": "always"}', model = 'openai:gpt-4o-mini'`,
  );
  world.simulator.models.script(({ system }) =>
    system.startsWith("Translate") ? TRANSLATED : "Sabah yedide.",
  );

  expect((await say(world, chatbot.phoneNumberId, ASKED)).text).toBe("Sabah yedide.");

  const [translation, answer] = world.simulator.models.requests();
  expect(translation).toMatchObject({
    system: expect.stringContaining("into English"),
    texts: [ASKED],
    tools: [],
  });
  expect(answer?.texts).toEqual([
    expect.stringMatching(/<data>.{0,200}opens at seven.*<\/data>/s),
    ASKED,
  ]);
  expect(await rowsOf(world, "select language from knowledge_sources")).toEqual([
    { language: "en" },
  ]);
  // the simulator counts a token for every four characters, of which two say that no tool is called
  const tokens = [TRANSLATED, "Sabah yedide."].map((text) => Math.ceil((text.length + 2) / 4));
  expect(
    await rowsOf(world, "select model, tokens_completion from usage_logs where kind = 'answer'"),
  ).toEqual([
    { model: "openai:gpt-4o-mini", tokens_completion: (tokens[0] ?? 0) + (tokens[1] ?? 0) },
  ]);
});

test("without the translation the search goes on, and a question in the documents' language needs none", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  await world.learn(chatbot, HANDBOOK);
  await set(world, chatbot.chatbotId, `settings = '{"retrieval": "always"}'`);
  world.simulator.setFaults({ models: { next: ["invalid-key"] } });

  await say(world, chatbot.phoneNumberId, ASKED);
  const untranslated = world.simulator.models.requests().at(-1);
  expect(untranslated?.texts.at(-1)).toBe(ASKED);
  expect(untranslated?.texts.join()).not.toContain("opens at seven");
  await say(world, chatbot.phoneNumberId, "Sorry, in English: when do you open in the morning?");
  const systems = world.simulator.models.requests().map(({ system }) => system);
  expect(systems.filter((system) => system.startsWith("Translate"))).toHaveLength(1);
});

test("a model that searches by itself is told in which language the documents are", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  await world.learn(chatbot, HANDBOOK);

  await say(world, chatbot.phoneNumberId, ASKED);

  const requests = world.simulator.models.requests();
  expect(requests).toHaveLength(1);
  expect(JSON.stringify(requests[0]?.body)).toContain("They are written in English");
});
