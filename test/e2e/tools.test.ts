import { sql } from "kysely";
import { expect, test } from "vitest";
import { startToolServer } from "#tools/http/tool-server-for-tests.ts";
import { giveTool } from "../support/give-tool.ts";
import { startWorld } from "../support/start-world.ts";
import { ask, BOOK_TABLE, BOOKING, callOf, rowsOf, TOOL_SETTINGS } from "../support/tool-world.ts";

test("two rows make a tool: the model calls it and answers with its result", async () => {
  await using world = await startWorld(TOOL_SETTINGS);
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
  await using world = await startWorld(TOOL_SETTINGS);
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
  expect(first?.tools).toContain("weather");
  expect(first?.tools).not.toContain("crm");
  expect(JSON.stringify(first?.body)).toContain("The tool crm is out of order at the moment.");
  await expect
    .poll(async () => (await rowsOf(world, "org_integrations")).map((row) => row["error_code"]))
    .toEqual(expect.arrayContaining(["TOOL_MISCONFIGURED", null]));
});

test("arguments that the schema does not allow go back to the model, and nothing is called", async () => {
  await using world = await startWorld(TOOL_SETTINGS);
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
  await using world = await startWorld(TOOL_SETTINGS);
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
  const offered = world.simulator.models.requests().map(({ tools }) => tools);
  expect(offered.map((tools) => tools.includes("current_time"))).toEqual([true, false]);
});

test("each call is recorded once with its turn, sealed or redacted", async () => {
  await using world = await startWorld(TOOL_SETTINGS);
  await using server = await startToolServer();
  const chatbot = await world.createChatbot();
  const settings = { method: "POST", url: `${server.url}/bookings` };
  const id = await giveTool(world.database, chatbot, { ...BOOK_TABLE, settings });
  await giveTool(world.database, chatbot, {
    ...BOOK_TABLE,
    name: "book_secretly",
    settings,
    toolConfig: { parameters: BOOKING, record: "redacted" },
  });
  server.answerWith(({ body }) =>
    body.includes("Sunday") ? { status: 422, body: "closed" } : { body: { booking: 1 } },
  );
  world.simulator.models.queue({
    toolCalls: [
      { name: "book_table", input: { day: "Monday" } },
      { name: "book_table", input: { day: "Sunday" } },
      { name: "book_secretly", input: { day: "Friday" } },
    ],
  });

  await ask(world, chatbot);
  await world.restart(); // the turn has ended

  const rows = await rowsOf(world, "tool_executions");
  const sealed = { sealed: expect.stringMatching(/^v1\./) };
  const common = { effects: "outside", tool_type: "http", chatbot_id: chatbot.chatbotId };
  expect(rows).toHaveLength(3);
  expect(rows).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        ...common,
        tool_name: "book_table",
        integration_id: id,
        status: "success",
        arguments: sealed,
        result: sealed,
        error_code: null,
        step_id: expect.stringMatching(/^tool-0-/),
      }),
      expect.objectContaining({
        ...common,
        status: "failed",
        error_code: "TOOL_REQUEST_REJECTED",
        error_message: "The server behind a tool refused what it was asked.",
      }),
      expect.objectContaining({
        ...common,
        tool_name: "book_secretly",
        arguments: { redacted: true },
        result: { redacted: true },
      }),
    ]),
  );
  expect(await rowsOf(world, "recent_tool_failures")).toMatchObject([{ tool_name: "book_table" }]);
  expect(await rowsOf(world, "tool_usage_stats")).toHaveLength(2);
});

test("a search of the documents is recorded as a built-in tool", async () => {
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  await world.learn(chatbot, { name: "Hours", text: "The bakery opens at seven." });
  world.simulator.models.queue(
    callOf("search_knowledge_base", { query: "When does the bakery open?" }),
  );
  await ask(world, chatbot);
  await world.restart();
  expect(await rowsOf(world, "tool_executions")).toMatchObject([
    { tool_name: "search_knowledge_base", tool_type: "builtin", status: "success" },
  ]);
});
