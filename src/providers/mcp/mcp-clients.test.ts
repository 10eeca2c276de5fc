import { afterEach, expect, test, vi } from "vitest";
import { answerWith } from "./fake-mcp-server-for-tests.ts";
import { startMcpClients } from "./mcp-clients-for-tests.ts";

const stack: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of stack.splice(0).toReversed()) await close();
}); /** Nothing here takes long, but on a busy machine. */
const PATIENCE = { timeout: 5_000 };
const start = (setup: Parameters<typeof startMcpClients>[1] = {}) => startMcpClients(stack, setup);

test("a list is asked for once by many, and again when it is old or the server says that it changed", async () => {
  const { server, list, pass } = await start();

  await Promise.all([list(), list(), list()]);
  pass(299_000);
  expect(await list()).toMatchObject([{ name: "order", isRepeatable: false }]);
  expect(server.received("tools/list")).toHaveLength(1);

  pass(1_000);
  await list();
  expect(server.received("tools/list")).toHaveLength(2);

  await vi.waitFor(() => expect(server.received("GET")).not.toEqual([]), PATIENCE);
  server.notify("notifications/tools/list_changed");
  await vi.waitFor(async () => {
    await list();
    expect(server.received("tools/list").length).toBeGreaterThan(2);
  }, PATIENCE);
});

test("a list that is missed in is asked for again, but not more than twice a minute", async () => {
  const { server, clients, keyed, list, pass } = await start();
  await list();

  clients.refreshTools(keyed);
  await list();
  expect(server.received("tools/list")).toHaveLength(1);
  pass(30_000);
  clients.refreshTools(keyed);
  await list();
  expect(server.received("tools/list")).toHaveLength(2);
});

test("all pages of a list are read, and an endless one is given up", async () => {
  const { server, list, pass } = await start({
    behaviour: {
      "tools/list": (request, response) => {
        const page = Number(request.params["cursor"] ?? 0);
        const tool = { name: `tool-${page}`, inputSchema: { type: "object" } };
        const next = page < 2 ? { nextCursor: String(page + 1) } : {};
        answerWith({ tools: [tool], ...next })(request, response);
      },
    },
  });
  expect((await list()).map(({ name }) => name)).toEqual(["tool-0", "tool-1", "tool-2"]);

  const many = Array.from({ length: 100 }, (_, index) => ({
    name: `tool-${index}`,
    inputSchema: { type: "object" },
  }));
  server.behaviour["tools/list"] = answerWith({ tools: many, nextCursor: "more" });
  pass(300_000);
  await expect(list()).rejects.toMatchObject({ code: "TOOL_MISCONFIGURED" });
});

test("what the server adds to a call goes out with it, and nothing of it with other messages", async () => {
  const { server, list, call } = await start({
    context: { meta: { "parley/contact.phone": "5511" }, headers: { "x-parley-contact": "5511" } },
  });
  await list();

  await call();

  const [called] = server.received("tools/call");
  expect(called?.params).toEqual({
    name: "order",
    arguments: { size: 2 },
    _meta: { "parley/contact.phone": "5511" },
  });
  expect(called?.headers).toMatchObject({
    "x-parley-contact": "5511",
    "x-fixed": "yes",
    authorization: "Bearer secret",
    "mcp-session-id": "session-1",
    "mcp-protocol-version": "2025-06-18",
  });
  for (const { headers } of server.requests.filter(({ method }) => method !== "tools/call"))
    expect(headers).not.toHaveProperty("x-parley-contact");
});

test("a session that nobody uses is ended, and a new one is opened for the next call", async () => {
  const { server, call, pass } = await start();
  await call();
  pass(59_000);
  await call();
  pass(59_000);
  expect(server.received("initialize")).toHaveLength(1);

  pass(1_000);
  await vi.waitFor(() => expect(server.received("DELETE")).toHaveLength(1), PATIENCE);
  await call();
  expect(server.received("initialize")).toHaveLength(2);
});

test("of servers unused for longest nothing is kept, and closing ends every connection", async () => {
  const { server, clients, call } = await start({ limits: { serversMax: 2 } });
  for (const key of ["a", "b", "c"]) await call({ key });
  await vi.waitFor(() => expect(server.received("DELETE")).toHaveLength(1), PATIENCE);

  await clients.close();

  expect(server.received("DELETE")).toHaveLength(3);
  await expect(call()).rejects.toMatchObject({ code: "TOOL_UNAVAILABLE" });
});

test("a server of the protocol's version without sessions is understood", async () => {
  const stateless = (result: object) => answerWith({ resultType: "complete", ...result });
  const { server, list, call } = await start({
    context: { meta: { "parley/contact.phone": "5511" }, headers: {} },
    behaviour: {
      "server/discover": stateless({
        supportedVersions: ["2026-07-28"],
        capabilities: { tools: {} },
      }),
      "tools/list": stateless({ tools: [{ name: "order", inputSchema: { type: "object" } }] }),
      "tools/call": stateless({ content: [{ type: "text", text: "done" }] }),
    },
  });

  expect(await list()).toHaveLength(1);
  expect(await call()).toMatchObject({ content: [{ text: "done" }] });
  expect(server.received("initialize")).toEqual([]);
  expect(server.received("tools/call")[0]).toMatchObject({
    headers: { "mcp-method": "tools/call", "mcp-name": "order" },
    params: { _meta: { "parley/contact.phone": "5511" } },
  });
});

test("hundreds of calls use one session, and no more connections than the first hundred", async () => {
  const { server, call } = await start();
  const burst = () => Promise.all(Array.from({ length: 20 }, () => call()));
  for (let round = 0; round < 5; round += 1) await burst();
  const before = await server.connections();
  for (let round = 0; round < 10; round += 1) await burst();

  expect(server.received("initialize")).toHaveLength(1);
  expect(await server.connections()).toBeLessThanOrEqual(before);
});
