import { afterEach, expect, test, vi } from "vitest";
import { createGuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import { fixedAuthorization } from "./authorization.ts";
import {
  answerStatus,
  answerWith,
  type McpBehaviour,
  startFakeMcpServer,
} from "./fake-mcp-server-for-tests.ts";
import { createHandClock, startMcpClients } from "./mcp-clients-for-tests.ts";
import { createMcpClients } from "./mcp-clients.ts";

const stack: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of stack.splice(0).toReversed()) await close();
}); /** Nothing here takes long, but on a busy machine. */
const PATIENCE = { timeout: 5_000 };
const start = (setup: Parameters<typeof startMcpClients>[1] = {}) => startMcpClients(stack, setup);

test("a call that the server refuses because it forgot the session is made once more, on a new one", async () => {
  const { server, call } = await start();
  await call();
  const usual = server.behaviour["tools/call"];
  server.behaviour["tools/call"] = (request, response) => {
    const isOld = request.headers["mcp-session-id"] === "session-1";
    (isOld ? answerStatus(404) : usual)?.(request, response);
  };

  await Promise.all([call(), call()]);

  expect(server.received("initialize")).toHaveLength(2);
  server.behaviour["tools/call"] = answerStatus(404);
  await expect(call()).rejects.toMatchObject({ code: "TOOL_MISCONFIGURED" });
  expect(server.received("tools/call"), "not for ever").toHaveLength(7);
});

test.for([
  ["closes the connection", (_request, response) => response.destroy()],
  [
    "ends the stream of events",
    (_request, response) =>
      response.writeHead(200, { "content-type": "text/event-stream" }).end(": bye\n\n"),
  ],
  ["says only that it has understood", answerStatus(202)],
  ["answers with a failure of its own", answerStatus(502)],
  ["answers something else", (_request, response) => response.end("<html>")],
] as const satisfies readonly (readonly [string, McpBehaviour[string]])[])(
  "a call whose server %s is of unknown outcome, and not made again",
  async ([, answer]) => {
    const { server, call } = await start({ behaviour: { "tools/call": answer } });

    await expect(call()).rejects.toMatchObject({ code: "TOOL_OUTCOME_UNKNOWN" });

    expect(server.received("tools/call")).toHaveLength(1);
    server.behaviour["tools/call"] = answerWith({ content: [] });
    await expect(call()).resolves.toBeDefined();
  },
);

test("whoever gives up a call tells the server", async () => {
  const { server, call } = await start({ behaviour: { "tools/call": () => {} } });
  const controller = new AbortController();

  const hanging = call({ signal: controller.signal });
  await vi.waitFor(() => expect(server.received("tools/call")).toHaveLength(1), PATIENCE);
  controller.abort(new Error("enough"));

  await expect(hanging).rejects.toThrow("enough");
  await vi.waitFor(
    () =>
      expect(server.received("notifications/cancelled")).toMatchObject([
        { params: { requestId: server.received("tools/call")[0]?.id } },
      ]),
    PATIENCE,
  );
});

test.for([
  ["one answer", "application/json", '{"jsonrpc":"2.0","id":0,"result":{"content":[{"text":"'],
  ["one event", "text/event-stream", "data: "],
] as const)(
  "%s without an end is cut off, and its connection with it",
  async ([, type, start_]) => {
    const closed = Promise.withResolvers<void>();
    const { call } = await start({
      behaviour: {
        "tools/call": (_request, response) => {
          response.on("close", closed.resolve);
          response.writeHead(200, { "content-type": type }).write(start_);
          const write = (): void => {
            while (response.write("x".repeat(65_536)));
          };
          response.on("drain", write);
          write();
        },
      },
    });

    await expect(call()).rejects.toMatchObject({ code: "TOOL_RESULT_TOO_LARGE" });
    await closed.promise;
  },
);

test("refused credentials are renewed once, and then it is said that they are refused", async () => {
  const isGood = { value: true };
  const { server, call } = await start({
    authorization: {
      get: async () => "Bearer old",
      renew: async (refused) => (refused === "Bearer old" ? "Bearer new" : null),
    },
    behaviour: {
      "tools/call": (request, response) =>
        request.headers.authorization === "Bearer new" && isGood.value
          ? answerWith({ content: [] })(request, response)
          : answerStatus(401)(request, response),
    },
  });

  await expect(call()).resolves.toBeDefined();
  expect(server.received("tools/call")).toHaveLength(2);
  isGood.value = false;
  await expect(call()).rejects.toMatchObject({ code: "TOOL_CREDENTIALS_REFUSED" });
  expect(server.received("tools/call")).toHaveLength(4);
});

test("a redirect is not followed, so that credentials stay with whom they are meant for", async () => {
  const elsewhere = await startFakeMcpServer();
  stack.push(elsewhere.close);
  const moved = answerStatus(307, { location: elsewhere.url });
  const { list } = await start({ behaviour: { initialize: moved, "server/discover": moved } });

  await expect(list()).rejects.toMatchObject({
    code: "TOOL_MISCONFIGURED",
    message: expect.stringContaining("redirects"),
  });
  expect(elsewhere.requests).toEqual([]);
});

test("an address that is not public is not asked, whatever its name says", async () => {
  const requests = createGuardedRequests({
    allowPrivateAddresses: false,
    lookup: (_name, _options, done) => done(null, [{ address: "169.254.169.254", family: 4 }]),
  });
  const clients = createMcpClients({ requests, clock: createHandClock().clock });
  stack.push(requests.close, clients.close);
  const server = {
    key: "one",
    url: "http://mcp.example.com/mcp",
    transport: "auto",
    headers: {},
    authorization: fixedAuthorization(null),
  } as const;

  await expect(clients.listTools(server, AbortSignal.timeout(5_000))).rejects.toMatchObject({
    code: "TOOL_MISCONFIGURED",
    message: expect.stringContaining("not on the public internet"),
  });
});

test("a server that does not say hello is given up, and asked again the next time", async () => {
  const { server, list } = await start({
    limits: { openTimeoutMs: 500 },
    behaviour: { "server/discover": () => {} },
  });

  await expect(list()).rejects.toMatchObject({ code: "TOOL_UNAVAILABLE" });
  server.behaviour["server/discover"] = answerStatus(404);
  expect(await list()).toHaveLength(1);
});
