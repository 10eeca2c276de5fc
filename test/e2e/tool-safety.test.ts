import { expect, test } from "vitest";
import { asTenant } from "#store/as-tenant.ts";
import { lockEndedTurn } from "#store/turns.ts";
import { startToolServer } from "#tools/http/tool-server-for-tests.ts";
import type { CustomerContent } from "../../simulator/customers/content.ts";
import { giveTool } from "../support/give-tool.ts";
import { startWorld } from "../support/start-world.ts";
import { ask, BOOK_TABLE, callOf, rowsOf, TOOL_SETTINGS } from "../support/tool-world.ts";

test("a process that stops in the middle of a call never makes it again, and says that it is not certain", async () => {
  await using world = await startWorld({ ...TOOL_SETTINGS, DRAIN_MS: "100" });
  await using server = await startToolServer();
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, {
    ...BOOK_TABLE,
    settings: { method: "POST", url: `${server.url}/bookings` },
  });
  server.answerWith(() => "hang");
  world.simulator.models.queue(callOf("book_table", { day: "Monday" }));
  const reply = ask(world, chatbot);
  await expect.poll(() => server.requests.length, { timeout: 10_000 }).toBe(1);

  await world.restart();

  expect((await reply).text).toContain("nobody knows whether it was done");
  expect(server.requests).toHaveLength(1);
  await world.restart();
  expect(await rowsOf(world, "tool_executions")).toMatchObject([
    { status: "unknown", error_code: "TOOL_OUTCOME_UNKNOWN", effects: "outside" },
  ]);
});

test("a message that is deleted in the middle of its turn is not answered, and what was done and paid is written down", async () => {
  await using world = await startWorld({ ...TOOL_SETTINGS, DRAIN_MS: "100" });
  await using server = await startToolServer();
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, {
    ...BOOK_TABLE,
    settings: { method: "POST", url: `${server.url}/bookings` },
  });
  server.answerWith(() => "hang");
  world.simulator.models.queue(callOf("book_table", { day: "Monday" }));
  const write = (content: CustomerContent) =>
    world.simulator.customerSends({
      phoneNumberId: chatbot.phoneNumberId,
      customer: "ana",
      content,
    });
  await write({ type: "text", text: "Please" }).acknowledged;
  await expect.poll(() => server.requests.length, { timeout: 10_000 }).toBe(1);
  const [message] = await rowsOf(world, "messages");
  const messageId = String(message?.["whatsapp_message_id"]);
  await write({ type: "revoke", messageId }).acknowledged;

  await world.restart();

  await expect
    .poll(async () => (await rowsOf(world, "turns"))[0]?.["status"], { timeout: 10_000 })
    .toBe("skipped");
  expect(await rowsOf(world, "tool_executions")).toMatchObject([
    { status: "unknown", error_code: "TOOL_OUTCOME_UNKNOWN" },
  ]);
  expect(await rowsOf(world, "usage_logs")).toMatchObject([{ kind: "discarded draft" }]);
  expect(await rowsOf(world, "outbound_messages")).toEqual([]);
});

test("newer messages do not discard an answer whose turn has changed something", async () => {
  await using world = await startWorld(TOOL_SETTINGS);
  await using server = await startToolServer();
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, {
    ...BOOK_TABLE,
    settings: { method: "POST", url: `${server.url}/bookings` },
  });
  server.answerWith(() => {
    world.simulator.customerSends({
      phoneNumberId: chatbot.phoneNumberId,
      customer: "ana",
      content: { type: "text", text: "And hurry" },
    });
    return { body: { booking: 7 } };
  });
  world.simulator.models.queue(callOf("book_table", { day: "Monday" }), "Booked.", "I hurry.");

  expect((await ask(world, chatbot)).text).toBe("Booked.");
  expect((await world.simulator.nextReply("ana")).text).toBe("I hurry.");
  expect(server.requests).toHaveLength(1);
});

test("a server that fails three times is left alone, and its tool said to be out of order", async () => {
  await using world = await startWorld(TOOL_SETTINGS);
  await using server = await startToolServer();
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, {
    provider: "http",
    name: "weather",
    settings: { url: `${server.url}/weather` },
  });
  server.answerWith(() => ({ status: 500, body: "" }));
  for (let count = 0; count < 3; count += 1) {
    world.simulator.models.queue(callOf("weather", {}));
    expect((await ask(world, chatbot)).text).toContain("failed (500)");
  }
  await ask(world, chatbot);
  const last = world.simulator.models.requests().at(-1);
  expect(last?.tools).not.toContain("weather");
  expect(JSON.stringify(last?.body)).toContain("The tool weather is out of order at the moment.");
  expect(server.requests).toHaveLength(3);
  await expect
    .poll(async () => (await rowsOf(world, "org_integrations"))[0]?.["error_code"])
    .toBe("TOOL_UNAVAILABLE");
});

test("a failed turn that may have changed something is not tried again as a whole", async () => {
  await using world = await startWorld(TOOL_SETTINGS);
  await using server = await startToolServer();
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, {
    ...BOOK_TABLE,
    settings: { method: "POST", url: `${server.url}/bookings` },
  });
  world.simulator.models.queue(callOf("book_table", { day: "Monday" }));
  server.answerWith(() => {
    world.simulator.setFaults({ models: { always: "invalid-key" } });
    return { body: { booking: 7 } };
  });

  expect((await ask(world, chatbot)).text).toContain("may already have been done");
  await world.restart();
  const history = await rowsOf(world, "messages");
  expect(history.find(({ author }) => author === "bot")?.["tool_calls"]).toMatchObject([
    { name: "book_table", status: "success" },
  ]);
  expect(await rowsOf(world, "system_alerts")).toMatchObject([
    { message: expect.stringContaining("book_table (success)") },
  ]);
  expect(await rowsOf(world, "tool_executions")).toMatchObject([{ status: "success" }]);
  const [turn] = await rowsOf(world, "turns");
  expect(turn).toMatchObject({ status: "failed" });
  const ended = await asTenant(world.database.db, chatbot.organizationId, (tenant) =>
    lockEndedTurn(tenant, String(turn?.["id"])),
  );
  expect(ended?.changedOutside).toBe("book_table");
});

test("after a turn that failed with something done, the model knows of it until it has answered", async () => {
  await using world = await startWorld(TOOL_SETTINGS);
  await using server = await startToolServer();
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, {
    ...BOOK_TABLE,
    settings: { method: "POST", url: `${server.url}/bookings` },
  });
  world.simulator.models.queue(callOf("book_table", { day: "Monday" }));
  server.answerWith(() => {
    world.simulator.setFaults({ models: { always: "invalid-key" } });
    return { body: { booking: 7 } };
  });
  await ask(world, chatbot);
  await world.restart();
  world.simulator.clearFaults();
  const promptOf = async (body: string) => {
    world.simulator.models.queue("Your table is booked.");
    await ask(world, chatbot, body);
    return JSON.stringify(world.simulator.models.requests().at(-1)?.body);
  };

  const next = await promptOf("Did it work?");
  expect(next).toContain("the customer was not told what came of it");
  expect(next).toContain("book_table");
  expect(await promptOf("Thank you")).not.toContain("was not told what came of it");
});
