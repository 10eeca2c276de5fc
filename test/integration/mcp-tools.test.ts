import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "#domain/webhook-event.ts";
import { systemClock } from "#platform/clock.ts";
import { jsonSchemaOf } from "#platform/json-schema-of.ts";
import { createGuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import { createTokenCache } from "#providers/mcp/client-credentials.ts";
import { createMcpClients } from "#providers/mcp/mcp-clients.ts";
import { ANA } from "#tools/integration-for-tests.ts";
import { createMcpTools } from "#tools/mcp/open-mcp-tools.ts";
import { type McpReferenceServer, startMcpServer } from "../support/start-mcp-server.ts";
import { callTool, newIntegration, toolOf } from "../support/tool-fixtures.ts";

const stack: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of stack.splice(0).toReversed()) await close();
});

/** The tools of an integration, opened as a turn opens them. */
function openMcp() {
  const requests = createGuardedRequests({ allowPrivateAddresses: true });
  const clients = createMcpClients({ requests, clock: systemClock });
  stack.push(requests.close, clients.close);
  const provider = createMcpTools({
    clients,
    tokens: createTokenCache({ requests, clock: systemClock }),
  });
  const open = (settings: JsonObject, toolConfig: JsonObject = {}, description = "") => {
    const integration = newIntegration("mcp", { settings, toolConfig, description });
    return provider(integration, ANA, AbortSignal.timeout(10_000));
  };
  return { open };
}

describe.for([
  ["streamable HTTP", "streamableHttp", {}],
  ["its older SSE form, which is found out", "sse", {}],
  ["its older SSE form, which is set", "sse", { transport: "sse" }],
] as const)("the reference server over %s", ([, form, how]) => {
  let server: McpReferenceServer;
  beforeAll(async () => {
    server = await startMcpServer(form);
  });
  afterAll(() => server[Symbol.asyncDispose]());
  const settings = (): JsonObject => ({ mcp_server_url: server.url, ...how });

  test("its tools are listed under the integration's name, with schemas and effects", async () => {
    const tools = await openMcp().open(settings());

    expect(Object.keys(tools)).toEqual(
      expect.arrayContaining([
        "shop__echo",
        "shop__get-sum",
        "shop__trigger-long-running-operation",
      ]),
    );
    const sum = toolOf(tools, "shop__get-sum");
    expect(jsonSchemaOf(sum.inputSchema)).toMatchObject({
      type: "object",
      properties: { a: { type: "number" }, b: { type: "number" } },
      required: ["a", "b"],
    });
    expect(sum.origin).toMatchObject({ type: "mcp", effects: "none" });
    expect(toolOf(tools, "shop__toggle-simulated-logging").origin?.effects).toBe("outside");
  });

  test("a call brings texts, data, and notes of what a model cannot see", async () => {
    const tools = await openMcp().open(settings());
    const call = (name: string, input = {}) => callTool(tools, `shop__${name}`, { input });

    expect(await call("echo", { message: "olá" })).toBe("Echo: olá");
    expect(await call("get-structured-content", { location: "Chicago" })).toEqual({
      data: { temperature: 36, conditions: expect.any(String), humidity: 82 },
    });
    expect(await call("get-tiny-image")).toEqual({
      text: expect.stringContaining("image"),
      notes: "There is image (image/png) that cannot be shown.",
    });
    expect(await call("get-resource-links")).toMatchObject({
      notes: expect.stringContaining("There is more at demo://resource/dynamic/blob/1"),
    });
    expect(await call("get-resource-reference", { resourceType: "Text", resourceId: 1 })).toContain(
      "This is a plaintext resource",
    );
  });

  test("a call that the server refuses says why", async () => {
    const tools = await openMcp().open(settings());

    await expect(callTool(tools, "shop__get-sum", { input: { a: "one" } })).rejects.toMatchObject({
      code: "TOOL_REQUEST_REJECTED",
      message: expect.stringContaining("expected number"),
    });
  });

  test("calls at once do not get each other's answers", async () => {
    const tools = await openMcp().open(settings());
    const messages = Array.from({ length: 20 }, (_, index) => `message ${index}`);

    const answers = await Promise.all(
      messages.map((message) => callTool(tools, "shop__echo", { input: { message } })),
    );

    expect(answers).toEqual(messages.map((message) => `Echo: ${message}`));
  });

  test("a hanging call ends with its signal, and the next one works", async () => {
    const tools = await openMcp().open(settings());
    const signal = AbortSignal.timeout(100);

    const hanging = callTool(tools, "shop__trigger-long-running-operation", {
      input: { duration: 600, steps: 1 },
      signal,
    });

    await expect(hanging).rejects.toBe(await reasonOf(signal));
    expect(await callTool(tools, "shop__echo", { input: { message: "on" } })).toBe("Echo: on");
  });

  test("a huge result is cut with a note, and one without measure is not read", async () => {
    const tools = await openMcp().open(settings());

    const cut = await callTool(tools, "shop__echo", { input: { message: "x".repeat(90_000) } });
    expect(cut).toMatch(/^Echo: x+\n\[Cut here: the result has 90006 characters/);
    expect(String(cut).length).toBeLessThan(20_200);

    const tooLarge = callTool(tools, "shop__echo", { input: { message: "x".repeat(3_000_000) } });
    await expect(tooLarge).rejects.toMatchObject({ code: "TOOL_RESULT_TOO_LARGE" });
    expect(await callTool(tools, "shop__echo", { input: { message: "on" } })).toBe("Echo: on");
  });

  test("a server that is killed and comes back fails what it was doing, at once, and then works again", async () => {
    const tools = await openMcp().open(settings());
    const say = (message: string) => callTool(tools, "shop__echo", { input: { message } });
    expect(await say("before")).toBe("Echo: before");

    const broken = callTool(tools, "shop__trigger-long-running-operation", {
      input: { duration: 600, steps: 1 },
    });
    await Promise.all([
      expect(broken).rejects.toMatchObject({ code: "TOOL_UNAVAILABLE" }),
      server.kill(),
    ]);
    await expect(say("dead")).rejects.toMatchObject({ code: "TOOL_UNAVAILABLE" });

    await server.start();
    expect(await say("back")).toBe("Echo: back");
    await server.kill();
    await server.start();
    expect(await say("back unnoticed")).toBe("Echo: back unnoticed");
  });
});

test("a row as in the specification is one tool, with its parameters and description", async () => {
  await using server = await startMcpServer();
  const { open } = openMcp();
  const parameters = { type: "object", properties: { message: { type: "string" } } };

  const tools = await open(
    { mcp_server_url: server.url },
    { parameters, tool: "echo" },
    "Say it again",
  );

  expect(Object.keys(tools)).toEqual(["shop"]);
  expect(toolOf(tools, "shop").description).toBe("Say it again");
  expect(jsonSchemaOf(toolOf(tools, "shop").inputSchema)).toMatchObject(parameters);
  expect(await callTool(tools, "shop", { input: { message: "hi" } })).toBe("Echo: hi");
  await expect(open({ mcp_server_url: server.url }, { parameters })).rejects.toMatchObject({
    code: "TOOL_MISCONFIGURED",
    message: expect.stringContaining("echo"),
  });
});

test("a chatbot gets the tools on its allow-list only, and bound arguments are the server's", async () => {
  await using server = await startMcpServer();

  const tools = await openMcp().open(
    { mcp_server_url: server.url },
    { allowed_tools: ["echo"], bound: { message: "{{contact.phone}}" } },
  );

  expect(Object.keys(tools)).toEqual(["shop__echo"]);
  expect(jsonSchemaOf(toolOf(tools, "shop__echo").inputSchema)).toMatchObject({
    properties: {},
    required: [],
  });
  const forged = callTool(tools, "shop__echo", { input: { message: "4470000000" } });
  expect(await forged).toBe(`Echo: ${ANA.contact.phone}`);
});

test.for([
  ["nobody listens there", "http://127.0.0.1:9/mcp", "TOOL_UNAVAILABLE"],
  ["it is no address", "ftp://example.com", "TOOL_MISCONFIGURED"],
] as const)("where %s, opening says so at once", async ([, url, code]) => {
  await expect(openMcp().open({ mcp_server_url: url })).rejects.toMatchObject({ code });
});

async function reasonOf(signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return signal.reason;
}
