import { sql } from "kysely";
import { expect, test } from "vitest";
import { startToolServer } from "#tools/http/tool-server-for-tests.ts";
import type { TestChatbot } from "../support/create-test-chatbot.ts";
import { giveTool } from "../support/give-tool.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";

const SETTINGS = { FETCH_ALLOW_PRIVATE_ADDRESSES: "true" };

const callOf = (name: string, input: Record<string, unknown>) => ({ toolCalls: [{ name, input }] });

async function ask(world: TestWorld, { phoneNumberId }: TestChatbot, body = "Please") {
  world.simulator.customerSends({
    phoneNumberId,
    customer: "ana",
    content: { type: "text", text: body },
  });
  return world.simulator.nextReply("ana");
}

async function rowsOf(world: TestWorld, table: string) {
  const { rows } = await world.database.asOwner((db) =>
    sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(db),
  );
  return rows;
}

const BOOKING = {
  type: "object",
  properties: { day: { type: "string" }, table: { type: "integer" } },
  required: ["day"],
};

test("two rows make a tool: the model calls it and answers with its result", async () => {
  await using world = await startWorld(SETTINGS);
  await using server = await startToolServer();
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, {
    provider: "http",
    name: "book_table",
    credentials: { api_key: "a key in plain text" },
    settings: { method: "POST", url: `${server.url}/bookings` },
    toolConfig: { parameters: BOOKING, bound: { phone: "{{contact.phone}}" } },
  });
  server.answerWith(() => ({ body: { booking: 42 } }));
  world.simulator.models.queue(callOf("book_table", { day: "Monday", table: 4, phone: "999" }));

  const reply = await ask(world, chatbot);

  expect(reply.text).toContain('{"booking":42}');
  const [request, ...others] = server.requests;
  expect(others).toEqual([]);
  expect(request).toMatchObject({
    method: "POST",
    url: "/bookings",
    headers: { authorization: "Bearer a key in plain text", "content-type": "application/json" },
  });
  const sent = JSON.parse(request?.body ?? "");
  expect(sent).toEqual({ day: "Monday", table: 4, phone: expect.stringMatching(/^\d+$/) });
  expect(sent.phone).not.toBe("999");
  const [integration] = await rowsOf(world, "org_integrations");
  expect(integration?.["credentials"]).toEqual({ api_key: expect.stringMatching(/^v1\./) });

  world.simulator.models.queue(callOf("book_table", { day: "Tuesday" }));
  await ask(world, chatbot);
  expect(server.requests[1]?.headers.authorization).toBe("Bearer a key in plain text");
});

test("a broken integration is left out and said to be out of order, the others work", async () => {
  await using world = await startWorld(SETTINGS);
  await using server = await startToolServer();
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, { provider: "http", name: "crm", settings: {} });
  await giveTool(world.database, chatbot, {
    provider: "http",
    name: "weather",
    settings: { url: `${server.url}/weather` },
  });
  world.simulator.models.queue(callOf("weather", {}));

  await ask(world, chatbot);

  expect(server.requests).toHaveLength(1);
  const [first] = world.simulator.models.requests();
  expect(first?.tools).toEqual(["weather"]);
  expect(JSON.stringify(first?.body)).toContain("The tool crm is out of order at the moment.");
  await expect
    .poll(async () => (await rowsOf(world, "org_integrations")).map((row) => row["error_code"]))
    .toEqual(expect.arrayContaining(["TOOL_MISCONFIGURED", null]));
});

test("arguments that the schema does not allow go back to the model, and nothing is called", async () => {
  await using world = await startWorld(SETTINGS);
  await using server = await startToolServer();
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, {
    provider: "http",
    name: "book_table",
    settings: { method: "POST", url: `${server.url}/bookings` },
    toolConfig: { parameters: BOOKING },
  });
  world.simulator.models.queue(callOf("book_table", { table: "four" }));

  const reply = await ask(world, chatbot);

  expect(reply.text).toContain("must have required property 'day'");
  expect(reply.text).toContain("table must be integer");
  expect(server.requests).toEqual([]);
});

test("a switched off integration, and one of another organization, is no tool", async () => {
  await using world = await startWorld(SETTINGS);
  const [own, foreign] = [await world.createChatbot(), await world.createChatbot()];
  await giveTool(world.database, foreign, {
    provider: "builtin",
    name: "current_time",
  });
  await giveTool(world.database, own, { provider: "builtin", name: "current_time" });
  await ask(world, own);
  await world.database.asOwner((db) =>
    sql`update chatbot_integrations set enabled = false where chatbot_id = ${own.chatbotId}`.execute(
      db,
    ),
  );
  await ask(world, own);
  expect(world.simulator.models.requests().map(({ tools }) => tools)).toEqual([
    ["current_time"],
    [],
  ]);
});
