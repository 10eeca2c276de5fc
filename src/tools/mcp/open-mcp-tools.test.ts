import { afterEach, expect, test } from "vitest";
import type { JsonObject } from "#domain/webhook-event.ts";
import { systemClock } from "#platform/clock.ts";
import { createGuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import { createTokenCache } from "#providers/mcp/client-credentials.ts";
import {
  answerStatus,
  answerWith,
  type McpBehaviour,
  startFakeMcpServer,
} from "#providers/mcp/fake-mcp-server-for-tests.ts";
import { createMcpClients } from "#providers/mcp/mcp-clients.ts";
import { startToolServer } from "#tools/http/tool-server-for-tests.ts";
import { ANA, integrationOf } from "#tools/integration-for-tests.ts";
import { createMcpTools } from "./open-mcp-tools.ts";

const stack: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of stack.splice(0).toReversed()) await close();
});

const tool = (name: string, more = {}) => ({ name, inputSchema: { type: "object" }, ...more });

/** An integration `crm` with a fake server. */
async function start(behaviour: McpBehaviour = {}) {
  const server = await startFakeMcpServer(behaviour);
  const requests = createGuardedRequests({ allowPrivateAddresses: true });
  const clients = createMcpClients({ requests, clock: systemClock });
  const tokens = createTokenCache({ requests, clock: systemClock });
  stack.push(server.close, requests.close, clients.close);
  const provider = createMcpTools({ clients, tokens });
  const open = (
    given: { settings?: JsonObject; toolConfig?: JsonObject; credentials?: object } = {},
  ) =>
    provider(
      integrationOf({
        provider: "mcp",
        name: "crm",
        description: "The customers",
        settings: { mcp_server_url: server.url, ...given.settings },
        toolConfig: given.toolConfig ?? {},
        credentials: { ...given.credentials },
      }),
      ANA,
      AbortSignal.timeout(5_000),
    );
  const call = async (given: Parameters<typeof open>[0], name = "crm", input = {}) =>
    (await open(given))[name]?.execute(input, AbortSignal.timeout(5_000));
  return { server, open, call };
}

const PARAMETERS = { type: "object", properties: { email: { type: "string" } } };

test.for([
  ["the one that it names", [tool("find"), tool("crm")], { tool: "find" }, "find"],
  ["the one of its own name", [tool("find"), tool("crm")], {}, "crm"],
  ["the only one", [tool("find")], {}, "find"],
] as const)(
  "a row with parameters is %s of the server's tools",
  async ([, tools, config, name]) => {
    const { server, open, call } = await start({ "tools/list": answerWith({ tools }) });
    const given = { toolConfig: { parameters: PARAMETERS, ...config } };

    const opened = await open(given);
    await call(given, "crm", { email: "ana@example.com" });

    expect(Object.keys(opened)).toEqual(["crm"]);
    expect(opened["crm"]?.description).toBe("The customers");
    expect(server.received("tools/call")[0]?.params).toMatchObject({
      name,
      arguments: { email: "ana@example.com" },
    });
  },
);

test("a row with parameters that could mean several tools says so", async () => {
  const { open } = await start({
    "tools/list": answerWith({ tools: [tool("find"), tool("remove")] }),
  });

  await expect(open({ toolConfig: { parameters: PARAMETERS } })).rejects.toMatchObject({
    code: "TOOL_MISCONFIGURED",
    message: expect.stringContaining("find, remove"),
  });
});

test("names and descriptions are what model providers allow, and hints decide about effects", async () => {
  const { open } = await start({
    "tools/list": answerWith({
      tools: [
        tool("contact.find/by email", {
          description: "x".repeat(9_000),
          annotations: { readOnlyHint: true },
        }),
        tool("a".repeat(100), { annotations: { idempotentHint: true, destructiveHint: true } }),
        tool("remove"),
      ],
    }),
  });

  const tools = await open();

  expect(Object.keys(tools)).toEqual([
    "crm__contact_find_by_email",
    `crm__${"a".repeat(59)}`,
    "crm__remove",
  ]);
  expect(Object.values(tools).map(({ origin }) => origin)).toMatchObject([
    { effects: "none", repeatable: true },
    { effects: "outside", repeatable: true },
    { effects: "outside" },
  ]);
  expect(tools["crm__remove"]?.origin?.repeatable).toBeUndefined();
  expect(tools["crm__contact_find_by_email"]?.description).toHaveLength(2_000);
});

test("for whom a tool is called is told where the row says so, and only there", async () => {
  const { server, call } = await start();
  const parameters = { parameters: PARAMETERS };

  await call({ toolConfig: parameters });
  await call({ toolConfig: parameters, settings: { pass_identity: "meta" } });
  await call({ toolConfig: parameters, settings: { pass_identity: "headers" } });

  const [none, meta, headers] = server.received("tools/call");
  expect(JSON.stringify([none?.params, none?.headers])).not.toContain(ANA.contact.phone);
  expect(meta?.params["_meta"]).toMatchObject({
    "parley/contact.phone": ANA.contact.phone,
    "parley/contact.name": "Ana",
    "parley/organization.id": ANA.organizationId,
  });
  expect(meta?.params["_meta"]).not.toHaveProperty("parley/contact.user_id");
  expect(headers?.headers).toMatchObject({ "x-parley-contact-phone": ANA.contact.phone });
});

test("the credential of the specification's row is sent as bearer token, or in a header of its own", async () => {
  const { server, open } = await start();

  await open({ credentials: { api_key: "secret" } });
  await open({
    credentials: { api_key: "secret" },
    settings: { auth: { type: "header", header: "X-Api-Key" } },
  });

  const [bearer, header] = server.received("tools/list");
  expect(bearer?.headers.authorization).toBe("Bearer secret");
  expect(header?.headers).toMatchObject({ "x-api-key": "secret" });
  expect(header?.headers).not.toHaveProperty("authorization");
});

test("a token is fetched for client credentials, and fetched again when the server refuses it", async () => {
  const issuer = await startToolServer();
  stack.push(() => issuer[Symbol.asyncDispose]());
  issuer.answerWith(() => ({ body: { access_token: `token-${issuer.requests.length}` } }));
  const { server, call } = await start({
    "tools/call": (request, response) =>
      request.headers.authorization === "Bearer token-1"
        ? answerStatus(401)(request, response)
        : answerWith({ content: [{ type: "text", text: "found" }] })(request, response),
  });
  const given = {
    toolConfig: { parameters: PARAMETERS },
    settings: {
      auth: { type: "client_credentials", token_url: `${issuer.url}/token`, scope: "crm" },
    },
    credentials: { client_id: "parley", client_secret: "secret" },
  };

  expect(await call(given)).toBe("found");
  expect(await call(given)).toBe("found");

  expect(issuer.requests).toHaveLength(2);
  expect(server.received("tools/call").map(({ headers }) => headers.authorization)).toEqual([
    "Bearer token-1",
    "Bearer token-2",
    "Bearer token-2",
  ]);
  await expect(call({ ...given, credentials: {} })).rejects.toMatchObject({
    code: "TOOL_MISCONFIGURED",
  });
});

test("a tool with effects that gives no answer in time is of unknown outcome, one without is too slow", async () => {
  const tools = [tool("pay"), tool("find", { annotations: { readOnlyHint: true } })];
  const { call } = await start({
    "tools/list": answerWith({ tools }),
    "tools/call": () => {},
  });
  const settings = { timeout_ms: 1_000 };

  await Promise.all([
    expect(call({ settings }, "crm__pay")).rejects.toMatchObject({ code: "TOOL_OUTCOME_UNKNOWN" }),
    expect(call({ settings }, "crm__find")).rejects.toMatchObject({ code: "TOOL_TIMEOUT" }),
  ]);
});

const inError =
  (code: number): McpBehaviour[string] =>
  ({ id }, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", id, error: { code, message: "no" } }));
  };

test.for([
  ["says that it failed inside", inError(-32603)],
  ["says that it waited too long", inError(-32001)],
  ["answers 408", answerStatus(408)],
  ["gives a result of another form", answerWith({ content: "done" })],
  ["gives a result that is too large", answerWith({ text: "x".repeat(2_200_000) })],
] as const satisfies readonly (readonly [string, McpBehaviour[string]])[])(
  "a server that %s may have done what a tool with effects was asked, and of others it does not matter",
  async ([, answer]) => {
    const tools = [tool("pay"), tool("find", { annotations: { readOnlyHint: true } })];
    const { call } = await start({ "tools/list": answerWith({ tools }), "tools/call": answer });

    await expect(call({}, "crm__pay")).rejects.toMatchObject({ code: "TOOL_OUTCOME_UNKNOWN" });
    await expect(call({}, "crm__find")).rejects.toMatchObject({
      code: expect.stringMatching(/^TOOL_(UNAVAILABLE|RESULT_TOO_LARGE)$/),
    });
  },
);

test("a server that calls the request wrong has certainly done nothing", async () => {
  const { call } = await start({ "tools/call": inError(-32602) });

  await expect(call({ toolConfig: { tool: "order" } })).rejects.toMatchObject({
    code: "TOOL_REQUEST_REJECTED",
  });
});

test.each([
  ["none", "TOOL_UNAVAILABLE", {}],
  ["outside", "TOOL_OUTCOME_UNKNOWN", { readOnlyHint: true }],
])(
  "effects %s of the row go before the server's hint, in failures too",
  async (effects, code, annotations) => {
    const { open, call } = await start({
      "tools/list": answerWith({ tools: [tool("pay", { annotations })] }),
      "tools/call": answerStatus(500),
    });
    const given = { toolConfig: { effects } };

    expect((await open(given))["crm__pay"]?.origin?.effects).toBe(effects);
    await expect(call(given, "crm__pay")).rejects.toMatchObject({ code });
  },
);

test("tools whose names become the same get numbers", async () => {
  const long = "x".repeat(100);
  const names = ["a.b", "a/b", "a_b", long, `${long}y`];
  const { server, open, call } = await start({
    "tools/list": answerWith({ tools: names.map((name) => tool(name)) }),
  });

  expect(Object.keys(await open())).toEqual([
    "crm__a_b",
    "crm__a_b_2",
    "crm__a_b_3",
    `crm__${"x".repeat(59)}`,
    `crm__${"x".repeat(57)}_2`,
  ]);
  await call({}, "crm__a_b_2");
  expect(server.received("tools/call")[0]?.params).toMatchObject({ name: "a/b" });
});

test("a credential at the place where a result is cut is gone before the cut", async () => {
  const key = "a-very-long-credential";
  const { call } = await start({
    "tools/call": answerWith({
      content: [{ type: "text", text: `${"x".repeat(18_990)}${key}` }],
    }),
  });

  const result = await call({ toolConfig: { tool: "order" }, credentials: { api_key: key } });

  expect(JSON.stringify(result)).not.toContain("a-very");
});
