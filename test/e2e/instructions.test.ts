import { sql } from "kysely";
import { expect, test } from "vitest";
import { PromptContent } from "#domain/prompt-content.ts";
import { asTenant } from "#store/as-tenant.ts";
import { listPromptVersions, publishPrompt, savePromptDraft } from "#store/prompt-versions.ts";
import type { TestChatbot } from "../support/create-test-chatbot.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";

const draft = (
  world: TestWorld,
  { organizationId, chatbotId }: TestChatbot,
  content: Partial<PromptContent>,
) =>
  asTenant(world.database.db, organizationId, (tenant) =>
    savePromptDraft(tenant, organizationId, {
      chatbotId,
      content: PromptContent.parse(content),
      author: "test",
      note: "",
    }),
  );

const publish = (world: TestWorld, { organizationId, chatbotId }: TestChatbot, number: number) =>
  asTenant(world.database.db, organizationId, (tenant) => publishPrompt(tenant, chatbotId, number));

async function ask(world: TestWorld, { phoneNumberId }: TestChatbot, text: string) {
  world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "text", text },
  });
  await world.simulator.nextReply("ana");
  return JSON.stringify(world.simulator.models.requests().at(-1));
}

test("every answer records the version of the instructions that it was made from", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  await ask(world, chatbot, "one");

  const number = await draft(world, chatbot, { systemPrompt: "You sell SHOES.", tone: "warm" });
  expect(await ask(world, chatbot, "a draft is no prompt")).not.toContain("SHOES");
  await publish(world, chatbot, number);
  expect(await ask(world, chatbot, "two")).toContain("You sell SHOES.");

  await world.database.asOwner((db) =>
    sql`update chatbots set system_prompt = 'You sell HATS.' where id = ${chatbot.chatbotId}`.execute(
      db,
    ),
  );
  const third = await ask(world, chatbot, "three");
  expect(third).toContain("You sell HATS.");
  expect(third).toContain("warm");
  await publish(world, chatbot, number);
  expect(await ask(world, chatbot, "four")).toContain("You sell SHOES.");

  const recorded = () =>
    asTenant(world.database.db, chatbot.organizationId, (tenant) =>
      tenant
        .selectFrom("messages")
        .select("prompt_version")
        .where("author", "=", "bot")
        .orderBy("id")
        .execute(),
    );
  await expect
    .poll(async () => (await recorded()).map((row) => row.prompt_version))
    .toEqual([1, 1, 2, 3, 2]);
  const versions = await asTenant(world.database.db, chatbot.organizationId, (tenant) =>
    listPromptVersions(tenant, chatbot.chatbotId),
  );
  expect(versions.map(({ answers, status }) => ({ answers, status }))).toEqual([
    { answers: 1, status: "archived" },
    { answers: 2, status: "published" },
    { answers: 2, status: "archived" },
  ]);
});
