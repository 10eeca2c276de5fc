import { expect, test } from "vitest";
import { giveTool } from "../support/give-tool.ts";
import { startMcpServer } from "../support/start-mcp-server.ts";
import { startWorld } from "../support/start-world.ts";
import { ask, callOf, rowsOf, TOOL_SETTINGS } from "../support/tool-world.ts";

/** A chatbot whose integration `shop` is the reference server. */
async function startShop(
  settings: Record<string, unknown> = {},
  toolConfig: Record<string, unknown> = {},
) {
  const server = await startMcpServer();
  const world = await startWorld(TOOL_SETTINGS);
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, {
    provider: "mcp",
    name: "shop",
    settings: { mcp_server_url: server.url, ...settings },
    toolConfig,
  });
  return {
    server,
    world,
    chatbot,
    /** The customer writes, the model makes these calls, and what it then says is the reply. */
    turn: async (...calls: ReturnType<typeof callOf>[]) => {
      world.simulator.models.queue(...calls);
      return ask(world, chatbot);
    },
    lastRequest: () => world.simulator.models.requests().at(-1),
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

test("the specification's two rows are a tool of an MCP server, and the turn answers with its result", async () => {
  await using server = await startMcpServer();
  await using world = await startWorld(TOOL_SETTINGS);
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, {
    provider: "mcp",
    name: "echo",
    description: "Look up contact in HubSpot",
    credentials: { api_key: "encrypted_key" },
    settings: { mcp_server_url: server.url },
    toolConfig: { parameters: { type: "object", properties: { message: { type: "string" } } } },
  });
  world.simulator.models.queue(callOf("echo", { message: "ana@example.com" }));

  expect((await ask(world, chatbot)).text).toContain("Echo: ana@example.com");

  const [first] = world.simulator.models.requests();
  expect(first?.tools).toContain("echo");
  expect(JSON.stringify(first?.body)).toContain("Look up contact in HubSpot");
  await expect
    .poll(() => rowsOf(world, "tool_executions"))
    .toMatchObject([{ tool_name: "echo", tool_type: "mcp", status: "success" }]);
});

test("all tools of a server are offered by its integration's name, or those of the allow-list", async () => {
  await using shop = await startShop();
  await shop.turn();
  expect(shop.lastRequest()?.tools).toEqual(
    expect.arrayContaining(["shop__echo", "shop__get-sum", "shop__get-env"]),
  );

  await using shorter = await startShop({}, { allowed_tools: ["echo", "get-sum"] });
  await shorter.turn();
  const offered = shorter.lastRequest()?.tools.filter((name) => name.startsWith("shop"));
  expect(offered).toEqual(["shop__echo", "shop__get-sum"]);
});

test("a call that fails is told to the model, and the turn goes on to its next call and its answer", async () => {
  await using shop = await startShop();

  const reply = await shop.turn(
    callOf("shop__get-resource-reference", { resourceType: "Text", resourceId: -3 }),
    callOf("shop__get-sum", { a: 20, b: 22 }),
  );

  expect(reply.text).toContain("42");
  expect(JSON.stringify(shop.lastRequest()?.body)).toContain("The tool says that it failed");
});

test("a hanging call is given up, and the turn answers", async () => {
  await using shop = await startShop({ timeout_ms: 1_000 });

  const reply = await shop.turn(
    callOf("shop__trigger-long-running-operation", { duration: 600, steps: 1 }),
  );

  expect(reply.text).toContain("no answer within 1 seconds");
  await expect
    .poll(() => rowsOf(shop.world, "tool_executions"))
    .toMatchObject([{ status: "timeout", error_code: "TOOL_TIMEOUT" }]);
});

test("a huge result reaches the model cut, with a note of it", async () => {
  await using shop = await startShop();

  await shop.turn(callOf("shop__echo", { message: "long ".repeat(8_000) }));

  const body = JSON.stringify(shop.lastRequest()?.body);
  expect(/\[Cut here[^\]]*\]/.exec(body)?.[0]).toContain("the result has 40006 characters");
  expect(body.length).toBeLessThan(90_000);
});

test("a server that is killed costs no answer, and is used again when it is back", async () => {
  await using shop = await startShop();
  expect((await shop.turn(callOf("shop__echo", { message: "one" }))).text).toContain("Echo: one");

  const dying = shop.turn(
    callOf("shop__trigger-long-running-operation", { duration: 600, steps: 1 }),
  );
  await expect.poll(() => shop.world.simulator.models.requests().length).toBe(3);
  await shop.server.kill();
  expect((await dying).text).toMatch(/gives no answer that can be read|cannot be reached/);
  expect((await shop.turn(callOf("shop__echo", { message: "two" }))).text).toContain(
    "cannot be reached",
  );

  await shop.server.start();
  expect((await shop.turn(callOf("shop__echo", { message: "three" }))).text).toContain(
    "Echo: three",
  );
});

test("a server that is down from the start is said to be out of order, and the turn answers without it", async () => {
  await using shop = await startShop();
  await shop.server.kill();

  await shop.turn();

  expect(shop.lastRequest()?.tools).not.toContain("shop__echo");
  expect(JSON.stringify(shop.lastRequest()?.body)).toContain(
    "The tool shop is out of order at the moment.",
  );
});

test("a server in the own network is not asked unless the platform allows it", async () => {
  await using server = await startMcpServer();
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, {
    provider: "mcp",
    name: "shop",
    settings: { mcp_server_url: server.url },
  });

  await ask(world, chatbot);

  expect(world.simulator.models.requests()[0]?.tools).not.toContain("shop__echo");
  await expect
    .poll(async () => (await rowsOf(world, "org_integrations"))[0]?.["error_code"])
    .toBe("TOOL_MISCONFIGURED");
});
